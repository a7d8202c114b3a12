-- Announcements that leave with the transaction that causes them; the relay deletes what it sent.
CREATE TABLE outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject text NOT NULL,
  payload bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- The service runs as this role whoever logs in (SET ROLE): it can add entries, never change
-- them. An operator whose user may not create roles gets the triggers alone.
DO $$
BEGIN
  BEGIN
    CREATE ROLE fairlead_ledger NOLOGIN;
  EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
  END;
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'fairlead_ledger') THEN
    IF NOT pg_has_role(current_user, 'fairlead_ledger', 'MEMBER') THEN
      BEGIN
        EXECUTE format('GRANT fairlead_ledger TO %I', current_user);
      EXCEPTION WHEN insufficient_privilege THEN NULL;
      END;
    END IF;
    GRANT USAGE ON SCHEMA public TO fairlead_ledger;
    GRANT SELECT ON schema_migrations TO fairlead_ledger;
    GRANT SELECT, INSERT ON accounts, movements, entries, credits, usage_events, prices,
      poison_events TO fairlead_ledger;
    GRANT SELECT, INSERT, UPDATE ON account_balances, api_keys, key_budgets, key_usage_days,
      leases TO fairlead_ledger;
    GRANT SELECT, UPDATE ON platform_balances TO fairlead_ledger;
    -- UPDATE is what FOR UPDATE SKIP LOCKED asks for.
    GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO fairlead_ledger;
    GRANT USAGE ON SEQUENCE movement_ids TO fairlead_ledger;
  END IF;
END $$;
