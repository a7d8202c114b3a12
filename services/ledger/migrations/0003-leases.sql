-- A slice of an account's credit that one gateway may admit requests against. Of granted_nano,
-- spent_nano has paid for usage and returned_nano went back; what remains is in the account's
-- leased book, or in the platform's suspense once the lease is expired.
CREATE TABLE leases (
  -- From the request (gateway and sequence number, or generation), so that a repeat finds it.
  lease_id text PRIMARY KEY,
  -- No foreign keys: take_leases has looked these up, under the account's lock, and nothing of
  -- them is ever deleted.
  account_id text NOT NULL,
  key_id text NOT NULL,
  gateway_id text NOT NULL,
  movement_id bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'closing', 'closed', 'expired')),
  granted_nano bigint NOT NULL CHECK (granted_nano > 0),
  spent_nano bigint NOT NULL DEFAULT 0 CHECK (spent_nano >= 0),
  returned_nano bigint NOT NULL DEFAULT 0 CHECK (returned_nano >= 0),
  -- The whole cost of its events: more than spent_nano when a request cost more than was held.
  charged_nano bigint NOT NULL DEFAULT 0,
  -- Window of the key's budget that it counts against; 0 for keys without a limit.
  window_start_ms bigint NOT NULL,
  -- Nothing may be admitted on it after this. Unix milliseconds.
  expires_at_ms bigint NOT NULL,
  events_seen bigint NOT NULL DEFAULT 0,
  -- From CloseLease (for a reserve: 1, its only event): the lease ends when so many were seen.
  last_event_seq bigint,
  stated_spent_nano bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (spent_nano + returned_nano <= granted_nano)
) WITH (fillfactor = 60);

CREATE INDEX leases_open ON leases (account_id) WHERE state = 'open';
CREATE INDEX leases_due ON leases (expires_at_ms) WHERE state IN ('open', 'closing');
CREATE INDEX leases_expired ON leases (expires_at_ms) WHERE state = 'expired';

CREATE TYPE lease_grant AS (
  lease_id text, account_id text, key_id text, gateway_id text, is_single boolean,
  granted bigint, expires_at_ms bigint,
  -- Of the key's budget, if it has one: NULL otherwise.
  window_start_ms bigint
);

-- Decides a batch of leases and reserves, all or nothing over account and key. Each is granted at
-- most p_wants and at least p_needs, or denied: '' (nothing was needed), credit, key_limit,
-- in_flight (what is leased would cover it), or refused with unknown_account, unknown_key,
-- key_disabled, key_expired, mismatch (the lease id belongs to another account). A lease id that
-- is there already is answered with what it was granted. The lease ids of a batch must differ.
-- p_are_single: the lease ends with its first event.
--
-- Lock order, here and everywhere: leases, accounts, platform. The lock of an account also guards
-- its keys' budgets, and new leases.
CREATE FUNCTION take_leases(
  p_now_ms bigint, p_lease_ids text[], p_account_ids text[], p_key_ids text[],
  p_gateway_ids text[], p_wants bigint[], p_needs bigint[], p_expires bigint[],
  p_are_single boolean[]
) RETURNS TABLE (
  r_position bigint, r_granted_nano bigint, r_expires_at_ms bigint, r_available_nano bigint,
  r_denial text
) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  ask record;
  grants lease_grant[] := '{}';
  account text;
  available bigint;
  leased bigint;
  key text;
  key_left bigint;
  key_leased bigint;
  grantable bigint;
BEGIN
  PERFORM 1 FROM account_balances b WHERE b.account_id = ANY (p_account_ids)
  ORDER BY b.account_id FOR NO KEY UPDATE;

  FOR ask IN
    SELECT a.*, b.available_nano, b.leased_nano, l.account_id AS known_account, l.granted_nano,
           l.expires_at_ms AS known_expires_at_ms, k.account_id AS key_account, k.is_disabled,
           k.expires_at_ms AS key_expires_at_ms, q.limit_nano, w.end_ms,
           -- Never an older window than the stored one, whatever this replica's clock says.
           greatest(w.start_ms, q.window_start_ms) AS start_ms,
           CASE WHEN w.start_ms > q.window_start_ms THEN 0 ELSE q.spent_nano END AS key_spent,
           CASE WHEN w.start_ms > q.window_start_ms THEN 0 ELSE q.leased_nano END AS key_leased
    FROM unnest(
      p_lease_ids, p_account_ids, p_key_ids, p_gateway_ids, p_wants, p_needs, p_expires,
      p_are_single
    ) WITH ORDINALITY AS a (
      lease_id, account_id, key_id, gateway_id, want, need, expires_at_ms, is_single, position
    )
    -- LIMIT 1 makes each a look-up by its key: a plan made while the tables were small would else
    -- go on reading them whole when they are large.
    LEFT JOIN LATERAL (
      SELECT * FROM account_balances WHERE account_id = a.account_id LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (SELECT * FROM leases WHERE lease_id = a.lease_id LIMIT 1) l ON true
    LEFT JOIN LATERAL (SELECT * FROM api_keys WHERE key_id = a.key_id LIMIT 1) k ON true
    LEFT JOIN LATERAL (SELECT * FROM key_budgets WHERE key_id = a.key_id LIMIT 1) q ON true
    LEFT JOIN LATERAL budget_window(q.limit_reset, p_now_ms) w ON true
    ORDER BY a.account_id, a.key_id, a.position
  LOOP
    IF ask.account_id IS DISTINCT FROM account THEN
      account := ask.account_id;
      available := coalesce(ask.available_nano, 0);
      leased := coalesce(ask.leased_nano, 0);
    END IF;
    IF ask.key_id IS DISTINCT FROM key THEN
      key := ask.key_id;
      key_leased := ask.key_leased;
      key_left := ask.limit_nano - ask.key_spent - ask.key_leased;
    END IF;
    -- least() ignores a NULL: no limit.
    grantable := greatest(least(available, key_left), 0);

    r_position := ask.position;
    r_granted_nano := 0;
    r_expires_at_ms := 0;
    r_denial := '';
    IF ask.known_account IS NOT NULL THEN
      IF ask.known_account = ask.account_id THEN
        r_granted_nano := ask.granted_nano;
        r_expires_at_ms := ask.known_expires_at_ms;
      ELSE
        r_denial := 'mismatch';
      END IF;
    ELSIF ask.available_nano IS NULL THEN
      r_denial := 'unknown_account';
    ELSIF ask.key_account IS DISTINCT FROM ask.account_id THEN
      r_denial := 'unknown_key';
    ELSIF ask.is_disabled THEN
      r_denial := 'key_disabled';
    ELSIF ask.key_expires_at_ms BETWEEN 1 AND p_now_ms THEN
      r_denial := 'key_expired';
    ELSIF least(ask.want, grantable) >= greatest(ask.need, 1) THEN
      r_granted_nano := least(ask.want, grantable);
      r_expires_at_ms := least(ask.expires_at_ms, ask.end_ms);
      grants := grants || ROW(ask.lease_id, account, key, ask.gateway_id, ask.is_single,
        r_granted_nano, r_expires_at_ms, ask.start_ms)::lease_grant;
      available := available - r_granted_nano;
      leased := leased + r_granted_nano;
      key_left := key_left - r_granted_nano;
      key_leased := key_leased + r_granted_nano;
      grantable := grantable - r_granted_nano;
    ELSIF ask.need > 0 THEN
      r_denial := CASE
        WHEN key_left + key_leased < ask.need THEN 'key_limit'
        WHEN available + leased < ask.need THEN 'credit'
        ELSE 'in_flight' END;
    END IF;
    r_available_nano := grantable;
    RETURN NEXT;
  END LOOP;
  PERFORM save_grants(grants);
END $$;

-- Writes what take_leases decided, in one movement.
CREATE FUNCTION save_grants(p_grants lease_grant[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  movement bigint;
  accounts text[];
  keys text[];
BEGIN
  IF cardinality(p_grants) = 0 THEN
    RETURN;
  END IF;
  SELECT array_agg(DISTINCT g.account_id), array_agg(DISTINCT g.key_id) INTO accounts, keys
  FROM unnest(p_grants) g;
  INSERT INTO movements (kind) VALUES ('lease') RETURNING movement_id INTO movement;
  INSERT INTO leases (lease_id, account_id, key_id, gateway_id, movement_id, state, granted_nano,
                      window_start_ms, expires_at_ms, last_event_seq)
  SELECT g.lease_id, g.account_id, g.key_id, g.gateway_id, movement,
         CASE WHEN g.is_single THEN 'closing' ELSE 'open' END, g.granted,
         coalesce(g.window_start_ms, 0), g.expires_at_ms, CASE WHEN g.is_single THEN 1 END
  FROM unnest(p_grants) g;
  UPDATE key_budgets b
  SET spent_nano = CASE WHEN g.start_ms > b.window_start_ms THEN 0 ELSE b.spent_nano END,
      leased_nano = g.granted
        + CASE WHEN g.start_ms > b.window_start_ms THEN 0 ELSE b.leased_nano END,
      window_start_ms = g.start_ms
  FROM (
    SELECT key_id, max(window_start_ms) AS start_ms, sum(granted)::bigint AS granted
    FROM unnest(p_grants) WHERE window_start_ms IS NOT NULL GROUP BY key_id
  ) g WHERE b.key_id = g.key_id AND b.key_id = ANY (keys);
  WITH moved AS (
    UPDATE account_balances b
    SET available_nano = b.available_nano - g.granted, leased_nano = b.leased_nano + g.granted
    FROM (
      SELECT account_id, sum(granted)::bigint AS granted FROM unnest(p_grants) GROUP BY account_id
    ) g WHERE b.account_id = g.account_id AND b.account_id = ANY (accounts)
    RETURNING b.account_id, g.granted
  )
  INSERT INTO entries (movement_id, account_id, book, amount_nano)
  SELECT movement, m.account_id, e.book, e.sign * m.granted
  FROM moved m, (VALUES ('available', -1), ('leased', 1)) e (book, sign);
END $$;
