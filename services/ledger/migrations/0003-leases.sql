-- A slice of an account's credit that one gateway may admit requests against. Of granted_nano,
-- spent_nano has paid for usage and returned_nano went back; what remains is in the account's
-- leased book, or in the platform's suspense once the lease is expired.
CREATE TABLE leases (
  -- From the request (gateway and sequence number, or generation), so that a repeat finds it.
  lease_id text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts,
  key_id text NOT NULL REFERENCES api_keys,
  gateway_id text NOT NULL,
  movement_id bigint NOT NULL REFERENCES movements,
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

-- Decides a batch of leases and reserves, in the order given for each account, all or nothing over
-- account and key. Each is granted at most p_wants and at least p_needs, or denied: '' (nothing
-- was needed), credit, key_limit, in_flight (what is leased would cover it), or refused with
-- unknown_account, unknown_key, key_disabled, key_expired, mismatch (the lease id belongs to
-- another account). p_are_single: the lease ends with its first event.
--
-- Lock order, here and everywhere: leases, accounts, keys, platform.
CREATE FUNCTION take_leases(
  p_now_ms bigint, p_lease_ids text[], p_account_ids text[], p_key_ids text[],
  p_gateway_ids text[], p_wants bigint[], p_needs bigint[], p_expires bigint[],
  p_are_single boolean[]
) RETURNS TABLE (
  r_position bigint, r_granted_nano bigint, r_expires_at_ms bigint, r_available_nano bigint,
  r_denial text
) LANGUAGE plpgsql AS $$
DECLARE
  ask record;
  lease record;
  balance account_balances;
  owner record;
  movement bigint;
  current_account text;
  moved bigint := 0;
  window_start bigint;
  window_end bigint;
  key_left bigint;
  grantable bigint;
BEGIN
  FOR ask IN
    SELECT * FROM unnest(
      p_lease_ids, p_account_ids, p_key_ids, p_gateway_ids, p_wants, p_needs, p_expires,
      p_are_single
    ) WITH ORDINALITY AS asked (
      lease_id, account_id, key_id, gateway_id, want, need, expires_at_ms, is_single, position
    ) ORDER BY asked.account_id, asked.position
  LOOP
    r_position := ask.position;
    r_granted_nano := 0;
    r_expires_at_ms := 0;
    IF ask.account_id IS DISTINCT FROM current_account THEN
      PERFORM move_to_leased(movement, current_account, moved);
      current_account := ask.account_id;
      moved := 0;
      SELECT * INTO balance FROM account_balances b
      WHERE b.account_id = ask.account_id FOR NO KEY UPDATE;
    END IF;
    r_available_nano := coalesce(balance.available_nano, 0);

    SELECT l.account_id, l.granted_nano, l.expires_at_ms INTO lease
    FROM leases l WHERE l.lease_id = ask.lease_id;
    IF FOUND THEN
      IF lease.account_id = ask.account_id THEN
        r_granted_nano := lease.granted_nano;
        r_expires_at_ms := lease.expires_at_ms;
        r_denial := '';
      ELSE
        r_denial := 'mismatch';
      END IF;
      RETURN NEXT;
      CONTINUE;
    END IF;

    SELECT k.account_id, k.is_disabled, k.expires_at_ms, b.limit_nano, b.limit_reset,
           b.window_start_ms, b.spent_nano, b.leased_nano INTO owner
    FROM api_keys k LEFT JOIN key_budgets b ON b.key_id = k.key_id
    WHERE k.key_id = ask.key_id;
    IF balance.account_id IS NULL OR owner.account_id IS DISTINCT FROM ask.account_id
        OR owner.is_disabled OR owner.expires_at_ms BETWEEN 1 AND p_now_ms THEN
      r_denial := CASE
        WHEN balance.account_id IS NULL THEN 'unknown_account'
        WHEN owner.account_id IS DISTINCT FROM ask.account_id THEN 'unknown_key'
        WHEN owner.is_disabled THEN 'key_disabled'
        ELSE 'key_expired' END;
      RETURN NEXT;
      CONTINUE;
    END IF;

    window_start := 0;
    window_end := 9223372036854775807;
    grantable := balance.available_nano;
    IF owner.limit_nano IS NOT NULL THEN
      SELECT w.start_ms, w.end_ms INTO window_start, window_end
      FROM budget_window(owner.limit_reset, p_now_ms) w;
      IF window_start > owner.window_start_ms THEN
        owner.spent_nano := 0;
        owner.leased_nano := 0;
      ELSE
        -- Never back to an older window, whatever this replica's clock says.
        window_start := owner.window_start_ms;
      END IF;
      key_left := greatest(owner.limit_nano - owner.spent_nano - owner.leased_nano, 0);
      grantable := least(grantable, key_left);
    END IF;
    r_available_nano := grantable;

    IF least(ask.want, grantable) < greatest(ask.need, 1) THEN
      r_denial := CASE
        WHEN ask.need <= 0 THEN ''
        WHEN key_left + owner.leased_nano < ask.need AND owner.limit_nano IS NOT NULL
          THEN 'key_limit'
        WHEN balance.available_nano + balance.leased_nano < ask.need THEN 'credit'
        ELSE 'in_flight' END;
      RETURN NEXT;
      CONTINUE;
    END IF;

    r_granted_nano := least(ask.want, grantable);
    r_expires_at_ms := least(ask.expires_at_ms, window_end);
    r_available_nano := grantable - r_granted_nano;
    r_denial := '';
    IF movement IS NULL THEN
      INSERT INTO movements (kind) VALUES ('lease') RETURNING movement_id INTO movement;
    END IF;
    INSERT INTO leases (lease_id, account_id, key_id, gateway_id, movement_id, state,
      granted_nano, window_start_ms, expires_at_ms, last_event_seq)
    VALUES (ask.lease_id, ask.account_id, ask.key_id, ask.gateway_id, movement,
      CASE WHEN ask.is_single THEN 'closing' ELSE 'open' END,
      r_granted_nano, window_start, r_expires_at_ms, CASE WHEN ask.is_single THEN 1 END);
    IF owner.limit_nano IS NOT NULL THEN
      UPDATE key_budgets b
      SET window_start_ms = window_start, spent_nano = owner.spent_nano,
          leased_nano = owner.leased_nano + r_granted_nano
      WHERE b.key_id = ask.key_id;
    END IF;
    balance.available_nano := balance.available_nano - r_granted_nano;
    balance.leased_nano := balance.leased_nano + r_granted_nano;
    moved := moved + r_granted_nano;
    RETURN NEXT;
  END LOOP;
  PERFORM move_to_leased(movement, current_account, moved);
END $$;

CREATE FUNCTION move_to_leased(p_movement bigint, p_account_id text, p_amount_nano bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_amount_nano = 0 THEN
    RETURN;
  END IF;
  UPDATE account_balances
  SET available_nano = available_nano - p_amount_nano, leased_nano = leased_nano + p_amount_nano
  WHERE account_id = p_account_id;
  INSERT INTO entries (movement_id, account_id, book, amount_nano)
  VALUES (p_movement, p_account_id, 'available', -p_amount_nano),
         (p_movement, p_account_id, 'leased', p_amount_nano);
END $$;
