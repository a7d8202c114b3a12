-- Double entry. Amounts are nano-USD (1e-9 USD) in bigint. Every movement of money is a set of
-- entries that sum to zero; entries are only ever added.

CREATE TABLE accounts (
  account_id text PRIMARY KEY,
  name text NOT NULL,
  idempotency_key text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Owns the platform's own books in `entries`.
  CHECK (account_id <> 'platform')
);

-- A customer's two books. `available` can be leased or spent, `leased` is held by gateways.
-- The last two columns are running totals for GetCredits, not books.
CREATE TABLE account_balances (
  account_id text PRIMARY KEY REFERENCES accounts,
  available_nano bigint NOT NULL DEFAULT 0 CHECK (available_nano >= 0),
  leased_nano bigint NOT NULL DEFAULT 0 CHECK (leased_nano >= 0),
  credits_nano bigint NOT NULL DEFAULT 0,
  usage_nano bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The platform's books. `payments` mirrors the outside world and is negative by what came in;
-- `overspend` is negative by what was used beyond any credit; `suspense` holds what crashed
-- gateways had leased, until it is explained.
CREATE TABLE platform_balances (
  book text PRIMARY KEY
    CHECK (book IN ('revenue', 'provider_cost', 'promo', 'suspense', 'overspend', 'payments')),
  balance_nano bigint NOT NULL DEFAULT 0,
  CHECK (book <> 'suspense' OR balance_nano >= 0)
) WITH (fillfactor = 50);

INSERT INTO platform_balances (book)
VALUES ('revenue'), ('provider_cost'), ('promo'), ('suspense'), ('overspend'), ('payments');

CREATE SEQUENCE movement_ids AS bigint;

-- One event of the books. It may carry many leases or usage events: each of them names it.
CREATE TABLE movements (
  movement_id bigint PRIMARY KEY DEFAULT nextval('movement_ids'),
  kind text NOT NULL CHECK (kind IN ('credit', 'lease', 'usage', 'close', 'expire', 'release')),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE entries (
  movement_id bigint NOT NULL REFERENCES movements,
  account_id text NOT NULL,
  book text NOT NULL,
  amount_nano bigint NOT NULL CHECK (amount_nano <> 0),
  PRIMARY KEY (movement_id, account_id, book),
  CHECK ((account_id = 'platform') = (book NOT IN ('available', 'leased')))
);

CREATE FUNCTION refuse_unbalanced_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unbalanced bigint;
BEGIN
  SELECT movement_id INTO unbalanced
  FROM added GROUP BY movement_id HAVING sum(amount_nano) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the entries of movement % do not sum to zero', unbalanced
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER entries_balance AFTER INSERT ON entries
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_entries();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Credit bought or given: the input of each idempotency key, so that a repeat can be compared.
CREATE TABLE credits (
  idempotency_key text PRIMARY KEY,
  account_id text NOT NULL REFERENCES accounts,
  amount_nano bigint NOT NULL CHECK (amount_nano > 0),
  reason text NOT NULL,
  movement_id bigint NOT NULL REFERENCES movements,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER credits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Adds credit once for each idempotency key. `status` is added, repeated, conflict (the key was
-- used with another account or amount) or unknown_account.
CREATE FUNCTION add_credits(
  p_account_id text, p_amount_nano bigint, p_idempotency_key text, p_reason text
) RETURNS TABLE (status text, available_nano bigint) LANGUAGE plpgsql AS $$
DECLARE
  available bigint;
  known credits;
  movement bigint;
BEGIN
  -- The lock also makes a concurrent repeat wait until this one is decided.
  SELECT b.available_nano INTO available
  FROM account_balances b WHERE b.account_id = p_account_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'unknown_account', 0::bigint;
    RETURN;
  END IF;
  SELECT * INTO known FROM credits c WHERE c.idempotency_key = p_idempotency_key;
  IF FOUND THEN
    RETURN QUERY SELECT
      CASE WHEN known.account_id = p_account_id AND known.amount_nano = p_amount_nano
        THEN 'repeated' ELSE 'conflict' END,
      available;
    RETURN;
  END IF;
  INSERT INTO movements (kind) VALUES ('credit') RETURNING movement_id INTO movement;
  INSERT INTO credits (idempotency_key, account_id, amount_nano, reason, movement_id)
  VALUES (p_idempotency_key, p_account_id, p_amount_nano, p_reason, movement);
  UPDATE account_balances b
  SET available_nano = b.available_nano + p_amount_nano,
      credits_nano = b.credits_nano + p_amount_nano
  WHERE b.account_id = p_account_id
  RETURNING b.available_nano INTO available;
  UPDATE platform_balances SET balance_nano = balance_nano - p_amount_nano
  WHERE book = 'payments';
  INSERT INTO entries (movement_id, account_id, book, amount_nano)
  VALUES (movement, p_account_id, 'available', p_amount_nano),
         (movement, 'platform', 'payments', -p_amount_nano);
  RETURN QUERY SELECT 'added', available;
END $$;
