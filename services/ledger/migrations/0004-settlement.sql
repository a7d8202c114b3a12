-- What happens to one lease or, with an empty lease_id, to an account without one.
CREATE TYPE lease_change AS (
  lease_id text,
  account_id text,
  key_id text,
  -- NULL without a lease: whatever window the key's budget is in.
  window_start_ms bigint,
  -- What remains of the lease is in suspense, not in the account's leased book.
  is_suspended boolean,
  new_state text,
  events bigint,
  -- Of the events; `paid` of it by the lease, the rest by available credit, then by the platform.
  cost bigint,
  paid bigint,
  -- Of the lease's remainder: what goes back to available, and what goes to suspense.
  returned bigint,
  suspended bigint,
  -- Its last event has come, and they do not sum to what its gateway stated.
  is_gap boolean
);

CREATE TYPE account_change AS (
  account_id text,
  cost bigint,
  available_delta bigint,
  leased_delta bigint,
  suspense_delta bigint,
  overspent bigint
);

-- Applies changes of leases and moves the money: the one place where leased credit is spent,
-- given back or suspended. The caller holds the locks of the leases. Returns what no credit
-- covered.
CREATE FUNCTION apply_lease_changes(p_movement bigint, p_changes lease_change[])
RETURNS bigint LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  lease_ids text[];
  account_ids text[];
  key_ids text[];
  moves account_change[];
  revenue bigint;
  suspense bigint;
  overspent bigint;
BEGIN
  -- "= ANY" below has each table read by its key alone: a plan made while the tables were small
  -- would else go on reading them whole when they are large.
  SELECT array_agg(c.lease_id) FILTER (WHERE c.lease_id <> ''), array_agg(DISTINCT c.account_id),
         array_agg(DISTINCT c.key_id)
  INTO lease_ids, account_ids, key_ids FROM unnest(p_changes) c;

  UPDATE leases l
  SET state = c.new_state,
      events_seen = l.events_seen + c.events,
      charged_nano = l.charged_nano + c.cost,
      spent_nano = l.spent_nano + c.paid,
      returned_nano = l.returned_nano + c.returned
  FROM unnest(p_changes) c
  WHERE l.lease_id = c.lease_id AND l.lease_id = ANY (lease_ids);

  SELECT array_agg(ROW(m.*)::account_change), sum(m.cost), sum(m.suspense_delta), sum(m.overspent)
  INTO moves, revenue, suspense, overspent
  FROM (
    SELECT b.account_id, c.cost,
           c.returned - least(c.unpaid, b.available_nano + c.returned) AS available_delta,
           c.leased_delta, c.suspense_delta,
           c.unpaid - least(c.unpaid, b.available_nano + c.returned) AS overspent
    FROM (
      SELECT account_id, sum(cost)::bigint AS cost, sum(cost - paid)::bigint AS unpaid,
             sum(returned)::bigint AS returned,
             sum(CASE WHEN is_suspended THEN 0 ELSE -paid - returned - suspended END)::bigint
               AS leased_delta,
             sum(CASE WHEN is_suspended THEN -paid - returned ELSE suspended END)::bigint
               AS suspense_delta
      FROM unnest(p_changes)
      WHERE cost <> 0 OR returned <> 0 OR suspended <> 0
      GROUP BY account_id
    ) c JOIN account_balances b ON b.account_id = c.account_id
    WHERE b.account_id = ANY (account_ids)
    ORDER BY b.account_id FOR NO KEY UPDATE OF b
  ) m;
  IF moves IS NULL THEN
    RETURN 0;
  END IF;

  UPDATE account_balances b
  SET available_nano = b.available_nano + m.available_delta,
      leased_nano = b.leased_nano + m.leased_delta,
      usage_nano = b.usage_nano + m.cost
  FROM unnest(moves) m WHERE b.account_id = m.account_id AND b.account_id = ANY (account_ids);

  -- Keys with a limit: what their leases paid or gave back is no longer held. Changes of an older
  -- window concern no budget any more; what is in suspense stays held until it is explained.
  UPDATE key_budgets b
  -- Never below zero: a limit may have been set while leases were out that it does not know.
  SET leased_nano = greatest(b.leased_nano - c.freed, 0), spent_nano = b.spent_nano + c.cost
  FROM (
    SELECT k.key_id, sum(p.cost)::bigint AS cost, sum(p.paid + p.returned)::bigint AS freed
    FROM unnest(p_changes) p JOIN key_budgets k
      ON k.key_id = p.key_id AND coalesce(p.window_start_ms, k.window_start_ms) = k.window_start_ms
    WHERE (p.cost <> 0 OR p.returned <> 0) AND k.key_id = ANY (key_ids)
    GROUP BY k.key_id
  ) c WHERE b.key_id = c.key_id AND b.key_id = ANY (key_ids);

  PERFORM add_to_platform('revenue', revenue);
  PERFORM add_to_platform('suspense', suspense);
  PERFORM add_to_platform('overspend', -overspent);

  INSERT INTO entries (movement_id, account_id, book, amount_nano)
  SELECT p_movement, e.account_id, e.book, e.amount_nano
  FROM (
    SELECT m.account_id, 'available' AS book, m.available_delta AS amount_nano
    FROM unnest(moves) m
    UNION ALL SELECT m.account_id, 'leased', m.leased_delta FROM unnest(moves) m
    UNION ALL VALUES ('platform', 'revenue', revenue), ('platform', 'suspense', suspense),
                     ('platform', 'overspend', -overspent)
  ) e WHERE e.amount_nano <> 0;
  RETURN overspent;
END $$;

-- One book at a time and always in the order of the calls above: these rows are everyone's.
CREATE FUNCTION add_to_platform(p_book text, p_amount_nano bigint) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF p_amount_nano <> 0 THEN
    UPDATE platform_balances SET balance_nano = balance_nano + p_amount_nano WHERE book = p_book;
  END IF;
END $$;

CREATE FUNCTION begin_movement(p_kind text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  movement bigint;
BEGIN
  INSERT INTO movements (kind) VALUES (p_kind) RETURNING movement_id INTO movement;
  RETURN movement;
END $$;

-- The gateway is done with a lease. Returns unknown, mismatch (another gateway's), closing (not
-- all its events were seen yet), closed, or gap (closed, but its events do not sum to what was
-- stated).
CREATE FUNCTION close_lease(
  p_lease_id text, p_gateway_id text, p_spent_total_nano bigint, p_last_event_seq bigint
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  lease leases;
  remainder bigint;
BEGIN
  SELECT * INTO lease FROM leases WHERE lease_id = p_lease_id FOR NO KEY UPDATE;
  IF NOT FOUND OR lease.gateway_id <> p_gateway_id THEN
    RETURN CASE WHEN lease.lease_id IS NULL THEN 'unknown' ELSE 'mismatch' END;
  END IF;
  IF lease.state = 'closed' THEN
    RETURN 'closed';
  END IF;
  UPDATE leases SET last_event_seq = p_last_event_seq, stated_spent_nano = p_spent_total_nano,
    state = CASE state WHEN 'open' THEN 'closing' ELSE state END
  WHERE lease_id = p_lease_id;
  IF lease.events_seen < p_last_event_seq THEN
    RETURN 'closing';
  END IF;
  remainder := lease.granted_nano - lease.spent_nano - lease.returned_nano;
  PERFORM apply_lease_changes(begin_movement('close'), ARRAY[ROW(
    lease.lease_id, lease.account_id, lease.key_id, lease.window_start_ms,
    lease.state = 'expired', 'closed', 0, 0, 0, remainder, 0, false
  )::lease_change]);
  RETURN CASE WHEN lease.charged_nano = p_spent_total_nano THEN 'closed' ELSE 'gap' END;
END $$;

-- Leases not closed long after their expiry: what is unexplained of them goes to suspense, never
-- straight back, since their gateway may have crashed with bills in hand.
CREATE FUNCTION expire_leases(p_expired_before_ms bigint, p_limit integer)
RETURNS TABLE (r_leases bigint, r_suspended_nano bigint) LANGUAGE plpgsql AS $$
DECLARE
  changes lease_change[];
BEGIN
  SELECT array_agg(c), count(*), coalesce(sum((c).suspended), 0)
  INTO changes, r_leases, r_suspended_nano
  FROM (
    SELECT ROW(lease_id, account_id, key_id, window_start_ms, false, 'expired', 0, 0, 0, 0,
               granted_nano - spent_nano - returned_nano, false)::lease_change AS c
    FROM leases
    WHERE state IN ('open', 'closing') AND expires_at_ms < p_expired_before_ms
    ORDER BY expires_at_ms LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  ) due;
  IF r_leases > 0 THEN
    PERFORM apply_lease_changes(begin_movement('expire'), changes);
  END IF;
  RETURN NEXT;
END $$;

-- Suspense that stayed unexplained beyond any bill's delay goes back to its account: the loss is
-- the platform's, not the customer's.
CREATE FUNCTION release_suspense(p_expired_before_ms bigint, p_limit integer)
RETURNS TABLE (r_leases bigint, r_released_nano bigint) LANGUAGE plpgsql AS $$
DECLARE
  changes lease_change[];
BEGIN
  SELECT array_agg(c), count(*), coalesce(sum((c).returned), 0)
  INTO changes, r_leases, r_released_nano
  FROM (
    SELECT ROW(lease_id, account_id, key_id, window_start_ms, true, 'closed', 0, 0, 0,
               granted_nano - spent_nano - returned_nano, 0, false)::lease_change AS c
    FROM leases
    WHERE state = 'expired' AND expires_at_ms < p_expired_before_ms
    ORDER BY expires_at_ms LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
  ) due;
  IF r_leases > 0 THEN
    PERFORM apply_lease_changes(begin_movement('release'), changes);
  END IF;
  RETURN NEXT;
END $$;
