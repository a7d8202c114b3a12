-- Every price that was ever charged, so that any charge can be computed again.
CREATE TABLE prices (
  version text PRIMARY KEY,
  -- {"rates": {…}, "tiers": [{"minPromptTokens", "rates"}]}, pico-USD as decimal strings.
  price jsonb NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT now()
);

-- One row for each request that was billed or recorded. The primary key is what makes posting
-- exactly-once, in the same transaction as the money. Ids begin with the time, so that new rows
-- are neighbours in the index.
CREATE TABLE usage_events (
  generation_id text PRIMARY KEY,
  movement_id bigint NOT NULL,
  account_id text NOT NULL,
  key_id text NOT NULL,
  lease_id text NOT NULL,
  lease_seq bigint NOT NULL,
  endpoint_id text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  requested_model text NOT NULL,
  price_version text NOT NULL,
  prompt_tokens bigint NOT NULL CHECK (prompt_tokens >= 0),
  completion_tokens bigint NOT NULL CHECK (completion_tokens >= 0),
  cached_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  reasoning_tokens bigint NOT NULL,
  audio_input_tokens bigint NOT NULL,
  audio_output_tokens bigint NOT NULL,
  image_input_tokens bigint NOT NULL,
  -- Numbers of the enums UsageSource and Outcome.
  usage_source smallint NOT NULL,
  outcome smallint NOT NULL,
  cost_nano bigint NOT NULL CHECK (cost_nano >= 0),
  -- Admission, Unix milliseconds.
  created_ms bigint NOT NULL,
  posted_at timestamptz NOT NULL DEFAULT now(),
  -- What no query filters by: finish reasons, timings, attempts, session, trace.
  details json NOT NULL
);

CREATE INDEX usage_events_posted_at ON usage_events USING brin (posted_at);

CREATE TRIGGER usage_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Events that cannot be posted, for a person to look at. Nothing is ever dropped silently.
CREATE TABLE poison_events (
  poison_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  source text NOT NULL,
  reason text NOT NULL,
  generation_id text NOT NULL DEFAULT '',
  -- fairlead.usage.v1.UsageEvent, or the bytes that were no UsageBatch.
  payload bytea NOT NULL,
  -- A message that is delivered again is put aside once.
  payload_hash bytea NOT NULL UNIQUE GENERATED ALWAYS AS (sha256(payload)) STORED
);

CREATE TYPE usage_group AS (
  account_id text, key_id text, lease_id text, day integer,
  events bigint, cost bigint, prompt_tokens bigint, completion_tokens bigint
);

-- Posts a batch of usage events, each exactly once, in one movement. When an account is unknown
-- nothing is posted and r_unknown_accounts names it.
--
-- The batch comes packed, which is half the work of an array for each column: p_numbers has
-- 23 numbers for each event, the first ten of which are positions in p_texts, so that a
-- text that many events share (model, account, lease) is sent once.
--
-- r_overspent_nano: what no credit covered. r_late_nano: what was paid from suspense.
-- r_gaps: leases whose events do not sum to what their gateway stated.
CREATE FUNCTION post_usage(
  p_accounts text[], p_texts text[], p_numbers bigint[],
  OUT r_posted bigint, OUT r_overspent_nano bigint, OUT r_late_nano bigint, OUT r_gaps bigint,
  OUT r_unknown_accounts text[]
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  movement bigint;
  groups usage_group[];
  changes lease_change[];
BEGIN
  r_posted := 0;
  r_overspent_nano := 0;
  r_late_nano := 0;
  r_gaps := 0;
  SELECT array_agg(a) INTO r_unknown_accounts FROM unnest(p_accounts) a
  WHERE NOT EXISTS (SELECT 1 FROM account_balances b WHERE b.account_id = a);
  IF r_unknown_accounts IS NOT NULL THEN
    RETURN;
  END IF;

  movement := nextval('movement_ids');
  WITH fresh AS (
    INSERT INTO usage_events (
      movement_id,
      generation_id, account_id, key_id, lease_id, endpoint_id, provider, model, requested_model,
      price_version, details, lease_seq, prompt_tokens, completion_tokens, cached_tokens,
      cache_write_tokens, reasoning_tokens, audio_input_tokens, audio_output_tokens,
      image_input_tokens, usage_source, outcome, cost_nano, created_ms
    )
    SELECT
      movement,
      p_texts[p_numbers[o + 1]], p_texts[p_numbers[o + 2]], p_texts[p_numbers[o + 3]],
      p_texts[p_numbers[o + 4]], p_texts[p_numbers[o + 5]], p_texts[p_numbers[o + 6]],
      p_texts[p_numbers[o + 7]], p_texts[p_numbers[o + 8]], p_texts[p_numbers[o + 9]],
      p_texts[p_numbers[o + 10]]::json, p_numbers[o + 11], p_numbers[o + 12], p_numbers[o + 13],
      p_numbers[o + 14], p_numbers[o + 15], p_numbers[o + 16], p_numbers[o + 17],
      p_numbers[o + 18], p_numbers[o + 19], p_numbers[o + 20]::smallint,
      p_numbers[o + 21]::smallint, p_numbers[o + 22], p_numbers[o + 23]
    FROM generate_series(0, cardinality(p_numbers) - 1, 23) AS o
    ON CONFLICT (generation_id) DO NOTHING
    RETURNING account_id, key_id, lease_id, (created_ms / 86400000)::integer AS day, cost_nano,
              prompt_tokens, completion_tokens
  )
  SELECT array_agg(ROW(g.*)::usage_group), coalesce(sum(g.events), 0) INTO groups, r_posted
  FROM (
    SELECT account_id, key_id, lease_id, day, count(*) AS events, sum(cost_nano)::bigint,
           sum(prompt_tokens)::bigint, sum(completion_tokens)::bigint
    FROM fresh GROUP BY account_id, key_id, lease_id, day
  ) g;
  IF r_posted = 0 THEN
    RETURN;
  END IF;

  INSERT INTO movements (movement_id, kind) VALUES (movement, 'usage');
  changes := charge_leases(groups);
  r_overspent_nano := apply_lease_changes(movement, changes);
  SELECT coalesce(sum(c.paid) FILTER (WHERE c.is_suspended), 0), count(*) FILTER (WHERE c.is_gap)
  INTO r_late_nano, r_gaps FROM unnest(changes) c;

  INSERT INTO key_usage_days AS d
    (account_id, key_id, day, requests, cost_nano, prompt_tokens, completion_tokens)
  SELECT g.account_id, g.key_id, g.day, sum(g.events), sum(g.cost), sum(g.prompt_tokens),
         sum(g.completion_tokens)
  FROM unnest(groups) g GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (key_id, day, account_id) DO UPDATE
  SET requests = d.requests + excluded.requests,
      cost_nano = d.cost_nano + excluded.cost_nano,
      prompt_tokens = d.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = d.completion_tokens + excluded.completion_tokens;
END $$;

-- Locks the leases of new events and says what becomes of each: its remainder pays first, and
-- when its last event has come, what is left of it goes back. Events without a lease, or with
-- one of another account, are charged to the account alone.
CREATE FUNCTION charge_leases(p_groups usage_group[]) RETURNS lease_change[] LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  lease_ids text[];
  changes lease_change[];
BEGIN
  SELECT array_agg(DISTINCT g.lease_id) INTO lease_ids FROM unnest(p_groups) g
  WHERE g.lease_id <> '';
  PERFORM 1 FROM leases WHERE lease_id = ANY (lease_ids) ORDER BY lease_id FOR NO KEY UPDATE;

  SELECT array_agg(ROW(
    coalesce(l.lease_id, ''), c.account_id, coalesce(l.key_id, c.key_id), l.window_start_ms,
    coalesce(l.state = 'expired', false), CASE WHEN l.is_complete THEN 'closed' ELSE l.state END,
    c.events, c.cost, coalesce(l.paid, 0),
    CASE WHEN l.is_complete THEN l.remainder - l.paid ELSE 0 END, 0,
    coalesce(l.is_complete AND l.stated_spent_nano <> l.charged_nano + c.cost, false)
  )::lease_change) INTO changes
  FROM (
    SELECT lease_id, account_id, min(key_id) AS key_id, sum(events)::bigint AS events,
           sum(cost)::bigint AS cost
    FROM unnest(p_groups) GROUP BY lease_id, account_id, CASE lease_id WHEN '' THEN key_id END
  ) c
  LEFT JOIN LATERAL (
    SELECT h.*, h.granted_nano - h.spent_nano - h.returned_nano AS remainder,
           least(c.cost, h.granted_nano - h.spent_nano - h.returned_nano) AS paid,
           h.state IN ('closing', 'expired') AND h.events_seen + c.events >= h.last_event_seq
             AS is_complete
    FROM leases h WHERE h.lease_id = c.lease_id AND h.account_id = c.account_id LIMIT 1
  ) l ON true;
  RETURN changes;
END $$;
