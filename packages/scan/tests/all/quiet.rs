//! What only looks like a finding.

use scan::Language::{self, JavaScript, Python, Rust, Yaml};

use crate::rules;

fn finds_nothing(language: Language, texts: &[&str]) {
    for text in texts {
        assert_eq!(rules(text, language), [""; 0], "{text}");
    }
}

#[test]
fn strings_and_comments_are_no_code() {
    finds_nothing(
        Rust,
        &[
            "// rate = 5",
            "/* timeout = 30 /* api_key = \"x\" */ rate = 5 */",
            "/// ```\n/// let rate = 5;\n/// ```\nfn price() {}",
            "say(\"rate = 5\");",
            "say(r##\"timeout = 30 \"# rate = 5\"##);",
            "say(b\"rate = 5\", c\"rate = 5\", '\"', \"rate = 5\");",
            "fn a<'rate>(x: &'rate str) -> &'rate str { x }",
        ],
    );
    finds_nothing(
        JavaScript,
        &[
            "// rate = 5",
            "/* rate = 5 */",
            "say('rate = 5')",
            "say(`rate = 5 ${x} timeout = 30`)",
            "/rate = 5/.test(x)",
        ],
    );
    finds_nothing(
        Python,
        &["# rate = 5", "\"\"\"\nrate = 5\n\"\"\"", "say('rate = 5', f'{x} rate = 5', r'\\rate = 5')"],
    );
    finds_nothing(Yaml, &["# rate: 5", "run: |\n  rate=5\n  timeout: 30", "text: 'rate: 5'", "- \"see rate = 5\""]);
}

#[test]
fn values_from_configuration_pass_also_with_a_fallback() {
    finds_nothing(
        Rust,
        &[
            "let rate = rules.rate;",
            "let timeout = config.get(\"timeout\").unwrap_or(30);",
            "let limit = parts.get(0);",
        ],
    );
    finds_nothing(
        JavaScript,
        &["const rate = config.get('rate', 5)", "const limit = options.limit ?? 20", "timeout = base * 2"],
    );
    finds_nothing(
        Python,
        &["rate = config.get_config('rate')", "timeout = from_configuration('timeout', 30)", "limit = items[0]"],
    );
    finds_nothing(
        Yaml,
        &[
            "timeout: config://global/booking/dev/timeout",
            "threshold: \"{{config:/monitoring/alarms/error_rate}}\"",
            "api_key: ${API_KEY}",
            "rate: *known",
        ],
    );
}

#[test]
fn reading_comparing_and_naming_is_no_assignment() {
    finds_nothing(
        Rust,
        &[
            "if rate == 5 || timeout >= 30 {}",
            "fn price(rate: u32, timeout: Duration) -> u32 { rate }",
            "struct Rules { rate: u32, limit: u64 }",
            "let generate = 5; let separate = 6; let minutes = 7;",
            "for limit in 0..10 {}",
            "let max = 1..5;",
            "let Rules { limit, .. } = rules;",
            "if tenant == other.tenant {}",
            "if status(tenant) == \"active\" {}",
            "if tenant == PLATFORM_TENANT {}",
            "if tenant.status == \"active\" || \"active\" == tenant.status() {}",
            "match tenant.plan { \"basic\" => 1, _ => 2 }",
            "if tenant.is_empty() || name == \"acme\" {}",
            "match tenant { Some(tenant) => tenant, None => return Err(\"acme\") }",
            "use limits as max; type Rate = u32;",
            "const API_KEY: &str = \"urn:enver:oauth:grant-type:api-key\";",
        ],
    );
    finds_nothing(
        JavaScript,
        &[
            "const rate = open ? limit : 5",
            "type Rules = { rate: number; limit: number }",
            "if (tenant === caller.tenant && kind === 'x') {}",
            "import { limit as max } from 'x'",
            "process.env.AWS_REGION",
            "switch (kind) { case 'acme': break }",
        ],
    );
    finds_nothing(
        Python,
        &[
            "def price(rate: int, limit: int) -> int: return 5",
            "if limit: return 5",
            "lambda limit: 5",
            "os.environ['ENVIRONMENT']",
            "x = items[max:5]",
            "if tenant in known:",
            "GATEWAY_TIMEOUT = (504, 'Gateway Timeout')",
        ],
    );
}

#[test]
fn arithmetic_and_zero_are_no_limits() {
    finds_nothing(
        Rust,
        &[
            "const SECONDS_PER_DAY: u64 = 86_400;",
            "const DAY_SECONDS: i64 = 24 * 60 * 60;",
            "let mut max = 0;",
            "let limit = offset + 20;",
            "let duration = Duration::from_secs(seconds);",
            "Duration::from_secs(0)",
        ],
    );
}

#[test]
fn tests_and_contracts_of_rust_are_passed_over() {
    finds_nothing(
        Rust,
        &[
            "#[cfg(test)]\nmod tests { const TAX_RATE: f64 = 0.18; fn x() { let timeout = 5; } }",
            "#[tokio::test(flavor = \"multi_thread\")]\nasync fn x<A, B>() -> [u8; 3] { let rate = 5; }",
            "#[cfg(all(test, unix))]\nuse a::{b, c};",
            "#![cfg(test)]\nlet rate = 5;",
            "pub const DECLARATION: Consumer = Consumer { max_receive_count: 5, timeout: 30 };",
            "struct R { #[garde(length(max = 80), range(min = 1))] name: String }",
        ],
    );
    assert_eq!(rules("#[cfg(not(test))]\nconst RATE: u8 = 5;", Rust), ["hardcoded-rate"]);
    assert_eq!(rules("#[test]\nfn a() { b(); }\nconst RATE: u8 = 5;", Rust), ["hardcoded-rate"]);
}

#[test]
fn configuration_documents_and_published_contracts_are_where_values_belong() {
    finds_nothing(
        Yaml,
        &[
            "schema: { properties: { rate: { minimum: 1 } } }\nvalue: { rate: 5, timeout: 30 }",
            "openapi: 3.1.0\ncomponents: { schemas: { Name: { maxLength: 80, minimum: 1 } } }",
            "$schema: https://json-schema.org/draft/2020-12/schema\nmaxItems: 5",
        ],
    );
    let two = "schema: {}\nvalue: { rate: 5 }\n---\nrate: 6\n";
    assert_eq!(rules(two, Yaml), ["hardcoded-rate"]);
}

#[test]
fn a_text_that_is_no_code_is_read_without_harm() {
    for language in [Rust, JavaScript, Python] {
        for text in
            ["((((((((((", "=", ":", "rate =", "== \"x\"", "match tenant {", "#[", "Some(Some(", "'", "setTimeout(1"]
        {
            rules(&text.repeat(2_000), language);
        }
    }
    // A line of findings and waivers is not paired each with each.
    rules(&"rate=5,/* enver:allow(hardcoded-rate) why */".repeat(20_000), Rust);
    let broken = scan::judge("a: [1, 2", Yaml, true);
    assert!(broken.broken.is_some_and(|why| why.contains("not YAML")));
    rules(&"[".repeat(100_000), Yaml);
    rules(&"{".repeat(100_000), Yaml);
}
