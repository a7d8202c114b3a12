-- API keys. The text of a key is nowhere: key_hmac is HMAC-SHA-256 under a pepper that is not in
-- the database, key_id the public SHA-256.
CREATE TABLE api_keys (
  key_id text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{64}$'),
  key_hmac bytea NOT NULL UNIQUE CHECK (octet_length(key_hmac) = 32),
  account_id text NOT NULL REFERENCES accounts,
  name text NOT NULL,
  label text NOT NULL,
  is_management boolean NOT NULL,
  is_disabled boolean NOT NULL DEFAULT false,
  -- Unix milliseconds; 0 = never.
  expires_at_ms bigint NOT NULL DEFAULT 0 CHECK (expires_at_ms >= 0),
  requests_per_minute integer NOT NULL DEFAULT 0 CHECK (requests_per_minute >= 0),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX api_keys_account ON api_keys (account_id);

-- The limit of a key, where it has one, and what is used of it in the current window. `leased` is
-- what leases of this window hold and have neither spent nor given back.
CREATE TABLE key_budgets (
  key_id text PRIMARY KEY REFERENCES api_keys,
  limit_nano bigint NOT NULL CHECK (limit_nano >= 0),
  limit_reset text NOT NULL CHECK (limit_reset IN ('', 'daily', 'weekly', 'monthly')),
  window_start_ms bigint NOT NULL DEFAULT 0,
  spent_nano bigint NOT NULL DEFAULT 0 CHECK (spent_nano >= 0),
  leased_nano bigint NOT NULL DEFAULT 0 CHECK (leased_nano >= 0)
) WITH (fillfactor = 50);

-- What each key used on each UTC day of admission.
CREATE TABLE key_usage_days (
  account_id text NOT NULL,
  key_id text NOT NULL,
  -- Days since 1970-01-01.
  day integer NOT NULL,
  requests bigint NOT NULL,
  cost_nano bigint NOT NULL,
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  PRIMARY KEY (key_id, day, account_id)
) WITH (fillfactor = 50);

-- The window of a limit at a moment (UTC; weeks begin on Monday). Without a reset there is one
-- window that begins at 0 and never ends.
CREATE FUNCTION budget_window(p_reset text, p_now_ms bigint, OUT start_ms bigint, OUT end_ms bigint)
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  day_ms CONSTANT bigint := 86400000;
  today bigint := p_now_ms / day_ms;
  month timestamp;
BEGIN
  CASE p_reset
    WHEN 'daily' THEN
      start_ms := today * day_ms;
      end_ms := start_ms + day_ms;
    WHEN 'weekly' THEN
      -- 1970-01-01 was a Thursday.
      start_ms := (today - (today + 3) % 7) * day_ms;
      end_ms := start_ms + 7 * day_ms;
    WHEN 'monthly' THEN
      month := date_trunc('month', timestamp '1970-01-01' + today * interval '1 day');
      start_ms := extract(epoch FROM month)::bigint * 1000;
      end_ms := extract(epoch FROM month + interval '1 month')::bigint * 1000;
    ELSE
      start_ms := 0;
      end_ms := 9223372036854775807;
  END CASE;
END $$;
