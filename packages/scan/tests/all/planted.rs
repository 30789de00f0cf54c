//! Planted samples: each rule, in each language, in the ways it is broken.

use scan::Language::{self, JavaScript, Python, Rust, Yaml};

use crate::rules;

/// Each line on its own breaks this rule, and no other.
fn each_breaks(rule: &str, language: Language, lines: &[&str]) {
    for line in lines {
        assert_eq!(rules(line, language), [rule], "{line}");
    }
}

#[test]
fn a_rate_is_found() {
    let rule = "hardcoded-rate";
    each_breaks(
        rule,
        Rust,
        &[
            "const TAX_RATE: f64 = 0.18;",
            "static BASE_RATE: u32 = 500;",
            "let rate = 5;",
            "let rate: Option<u32> = Some(5);",
            "self.tax_rate = 0.18;",
            "Prices { rate: 500, ..known }",
            "let tax_rate = Decimal::new(18, 2);",
            "let tax_rate = dec!(0.18);",
            "let base_rate: std::num::NonZeroU32 = -500;",
            "const RATE: u64 = 5 * 100;",
        ],
    );
    each_breaks(
        rule,
        JavaScript,
        &[
            "const taxRate = 0.18",
            "let TAX_RATE: number = 0.18;",
            "const prices = { currency, taxRate: 0.18 }",
            "const prices = { 'tax-rate': 0.18 }",
            "function price(tonnes: number, rate = 500) {}",
            "this.rate = new Decimal('0.18');",
            "readonly rate?: number = .5;",
            "prices['rate'] = 5",
        ],
    );
    each_breaks(
        rule,
        Python,
        &[
            "BASE_RATE = 500",
            "rate=5",
            "rate: float = 0.18",
            "rate: Optional[Decimal] = Decimal('0.18')",
            "price(tonnes, tax_rate=0.18)",
            "prices = {'base_rate': 500}",
            "self.rate = 5",
            "rate = 2 ** 10",
            "rate = (5)",
            "if (rate := 5):",
        ],
    );
    each_breaks(
        rule,
        Yaml,
        &[
            "base_rate: 500",
            "taxRate: 0.18",
            "env: { TAX_RATE: \"0.18\" }",
            "environment:\n  - BASE_RATE=500",
            "env:\n  - name: TAX_RATE\n    value: '0.18'",
            "tax: { rate: 18% }",
        ],
    );
}

#[test]
fn a_timeout_is_found() {
    let rule = "hardcoded-timeout";
    each_breaks(
        rule,
        Rust,
        &[
            "const TIMEOUT: u64 = 30;",
            "let timeout_ms = 5_000;",
            "Call { timeout: Duration::from_secs(30) }",
            "let timeout = Some(std::time::Duration::from_millis(500));",
        ],
    );
    each_breaks(rule, JavaScript, &["const timeout = 30", "call({ timeoutMs: 30 * 1000 })", "const TIMEOUT = '30s'"]);
    each_breaks(
        rule,
        Python,
        &["timeout = 30", "get(url, timeout=30)", "TIMEOUT: int = 30", "time_out = timedelta(seconds=5)"],
    );
    each_breaks(
        rule,
        Yaml,
        &["timeout: 30", "function: { timeoutSeconds: 30 }", "timeout: 30s", "environment: [TIMEOUT=30]"],
    );
}

#[test]
fn a_number_of_retries_is_found() {
    let rule = "hardcoded-retry";
    each_breaks(rule, Rust, &["const RETRY_COUNT: u8 = 3;", "Call { max_retries: 3 }"]);
    each_breaks(rule, JavaScript, &["const retryCount = 3", "call({ retries: 3 })"]);
    each_breaks(rule, Python, &["RETRY_COUNT = 3", "call(max_retries=3)"]);
    each_breaks(rule, Yaml, &["retry_count: 3", "env: [RETRY_COUNT=3]", "retries: 3"]);
}

#[test]
fn a_credential_is_found_and_not_repeated() {
    let rule = "hardcoded-secret";
    each_breaks(
        rule,
        Rust,
        &[
            "const API_KEY: &str = \"k-1f9\";",
            "let api_key = \"k-1f9\".to_owned();",
            "let api_key = String::from(\"k-1f9\");",
            "Client { api_key: \"k-1f9\" }",
            "let client_secret = r#\"k-1f9\"#;",
        ],
    );
    each_breaks(
        rule,
        JavaScript,
        &["const apiKey = 'k-1f9'", "connect({ api_key: `k-1f9` })", "db.password = \"k-1f9\""],
    );
    each_breaks(rule, Python, &["api_key = 'k-1f9'", "API_KEY: str = \"k-1f9\"", "connect(password='k-1f9')"]);
    each_breaks(rule, Yaml, &["api_key: k-1f9", "apiKey: \"k-1f9\"", "env: [{ name: API_KEY, value: k-1f9 }]"]);

    let found = scan::judge("api_key = 'k-1f9'", Python, false).found;
    assert_eq!(found[0].code, "api_key = \"…\"");
}

#[test]
fn a_branch_on_a_tenant_is_found() {
    let rule = "tenant-branch";
    each_breaks(
        rule,
        Rust,
        &[
            "if tenant == \"acme\" { discount() }",
            "if caller.tenant_id().as_str() != \"acme\" {}",
            "let special = \"acme\" == tenant;",
            "if tenant.id == \"acme\" {}",
            "if \"acme\" == caller.tenant().id.as_str() {}",
            "if &*tenant_id == \"acme\" && open {}",
            "match tenant.as_str() { \"acme\" => special(), _ => usual() }",
            "matches!(tenant, \"acme\")",
        ],
    );
    each_breaks(
        rule,
        JavaScript,
        &[
            "if (tenant === 'acme') discount()",
            "if (request.tenantId == \"acme\") {}",
            "const special = 'acme' === ctx.tenant",
            "switch (tenant) { case 'acme': break }",
            "if (ctx['tenant'] !== `acme`) {}",
        ],
    );
    each_breaks(
        rule,
        Python,
        &[
            "if tenant == \"acme\":",
            "if event['tenant_id'] == 'acme':",
            "if event.get('tenant_id', '') == 'acme':",
            "if tenant in ('acme', 'other'):",
            "match tenant:\n  case 'acme':\n    pass",
            "elif not open and request.tenant_id != 'acme':",
        ],
    );
    each_breaks(rule, Yaml, &["if: tenant == 'acme'", "when: \"context.tenantId === 'acme'\""]);
}

#[test]
fn a_variable_that_no_function_has_is_found() {
    let rule = "environment-variable";
    each_breaks(rule, Rust, &["let rate = std::env::var(\"TAX_RATE\")?;", "env::var_os(\"CACHE_TTL\")"]);
    each_breaks(
        rule,
        JavaScript,
        &["const rate = process.env.TAX_RATE", "Number(process.env['TIMEOUT'] ?? 30)", "Deno.env.get('RETRY_COUNT')"],
    );
    each_breaks(
        rule,
        Python,
        &["int(os.environ['TIMEOUT'])", "os.environ.get('RETRY_COUNT', 3)", "getenv('BASE_RATE')"],
    );
}

#[test]
fn a_limit_in_a_service_is_found() {
    let rule = "hardcoded-limit";
    each_breaks(
        rule,
        Rust,
        &["const MAX_ITEMS: usize = 50;", "Page { limit: 20 }", "let session_ttl = 3600;", "const MIN_AGE: u8 = 18;"],
    );
    each_breaks(rule, JavaScript, &["const maxAttempts = 5", "query({ limit: 20 })", "const threshold: number = 0.8;"]);
    each_breaks(rule, Python, &["MAX_ATTEMPTS = 5", "query(limit=20)", "cache_ttl_seconds = 300"]);
    each_breaks(rule, Yaml, &["ttl: 300", "minimum_age: 18", "threshold: \"0.8\"", "session: { maxMinutes: 30 }"]);
}

#[test]
fn a_duration_in_a_service_is_found() {
    let rule = "hardcoded-duration";
    each_breaks(
        rule,
        Rust,
        &[
            "sleep(Duration::from_secs(30)).await;",
            "const WINDOW: Duration = Duration::from_millis(500);",
            "let lock = TimeDelta::minutes(15);",
            "const WINDOW_SECONDS: u64 = 900;",
            "let retention_days = 30;",
        ],
    );
    each_breaks(
        rule,
        JavaScript,
        &["setTimeout(again, 5000)", "const windowMs = 1000", "const retention = '30d'", "await sleep(100)"],
    );
    each_breaks(
        rule,
        Python,
        &["timedelta(minutes=15)", "time.sleep(5)", "lockout_seconds = 900", "interval = 'PT15M'"],
    );
    each_breaks(rule, Yaml, &["retention_days: 30", "interval: 15m", "validity: PT1H"]);
}

#[test]
fn limits_and_durations_outside_services_are_not_found_and_rates_are() {
    let outside = |text| scan::judge(text, Rust, false).found.len();
    assert_eq!(outside("const MAX_ITEMS: usize = 50; sleep(Duration::from_secs(30)); env::var(\"HOME\")"), 0);
    assert_eq!(outside("const TAX_RATE: f64 = 0.18;"), 1);
    assert_eq!(outside("env::var(\"TAX_RATE\")"), 1);
}

#[test]
fn a_finding_has_its_line_its_column_and_its_code() {
    let text = "// é\nfn price() {\n    /* é */ let tax_rate: f64 =\n        0.18;\n}\n";

    let found = scan::judge(text, Rust, false).found;

    assert_eq!((found[0].line, found[0].column), (3, 17));
    assert_eq!(found[0].code, "tax_rate: f64 = 0.18");
    assert_eq!(found.len(), 1);
}
