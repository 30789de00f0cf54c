//! The rules, and which of them a fact breaks.

use crate::facts::{Fact, Literal};
use crate::names;

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// How waivers and reports name it.
    pub id: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// What to do.
    pub mend: &'static str,
}

/// A rate in code.
pub const RATE: Rule = Rule {
    id: "hardcoded-rate",
    what: "a rate is written into code",
    mend: "keep it in a configuration document and read it through the configuration client (config://…/business/…)",
};
/// A time-out in code.
pub const TIMEOUT: Rule = Rule {
    id: "hardcoded-timeout",
    what: "a timeout is written into code",
    mend: "keep it in a configuration document and read it through the configuration client (config://…/technical/…)",
};
/// A number of retries in code.
pub const RETRY: Rule = Rule {
    id: "hardcoded-retry",
    what: "a number of retries is written into code",
    mend: "keep it in a configuration document and read it through the configuration client (config://…/technical/…)",
};
/// A credential in code.
pub const SECRET: Rule = Rule {
    id: "hardcoded-secret",
    what: "a credential is written into code",
    mend: "revoke it, keep its successor in the secret store, and read it from there at start",
};
/// A branch on the name of a tenant.
pub const TENANT: Rule = Rule {
    id: "tenant-branch",
    what: "code behaves differently for a tenant by name",
    mend: "make the difference a key of a configuration document, and let the tenant override it",
};
/// A variable a function does not have.
pub const VARIABLE: Rule = Rule {
    id: "environment-variable",
    what: "a value comes from an environment variable that no function has",
    mend: "only SERVICE_NAME, ENVIRONMENT, CONFIG_SERVICE_URL, AWS_REGION and LOG_LEVEL are there: \
           keep the value in a configuration document",
};
/// A limit in a service's code.
pub const LIMIT: Rule = Rule {
    id: "hardcoded-limit",
    what: "a limit is written into a service",
    mend: "keep it in a configuration document and read it through the configuration client (config://…); \
           waive it if a protocol fixes it",
};
/// A duration in a service's code.
pub const DURATION: Rule = Rule {
    id: "hardcoded-duration",
    what: "a duration is written into a service",
    mend: "keep it in a configuration document and read it through the configuration client (config://…); \
           waive it if a protocol fixes it",
};
/// A waiver that does not say why.
pub const WAIVER_REASON: Rule = Rule {
    id: "waiver-without-reason",
    what: "a waiver does not say why, and waives nothing",
    mend: "write the reason after it: enver:allow(rule-id) the reason",
};
/// A waiver of nothing.
pub const WAIVER_UNUSED: Rule = Rule {
    id: "unused-waiver",
    what: "a waiver is not needed, or its rule does not exist",
    mend: "remove it, or name the rule that a finding names",
};

/// All of them.
pub const RULES: [&Rule; 10] =
    [&RATE, &TIMEOUT, &RETRY, &SECRET, &TENANT, &VARIABLE, &LIMIT, &DURATION, &WAIVER_REASON, &WAIVER_UNUSED];

/// The rule that a fact breaks. Limits, durations and all but the worst variables concern services only.
pub fn broken(fact: &Fact<'_>, in_service: bool) -> Option<&'static Rule> {
    let (rule, everywhere) = match fact {
        Fact::TenantBranch => (&TENANT, true),
        Fact::Duration => (&DURATION, false),
        Fact::Variable(name) if ALLOWED_VARIABLES.contains(name) => return None,
        Fact::Variable(name) => (&VARIABLE, BUSINESS_VARIABLES.contains(name)),
        Fact::Assigned { name, value } => assigned(name, value)?,
    };
    (everywhere || in_service).then_some(rule)
}

const ALLOWED_VARIABLES: [&str; 5] = ["SERVICE_NAME", "ENVIRONMENT", "CONFIG_SERVICE_URL", "AWS_REGION", "LOG_LEVEL"];
const BUSINESS_VARIABLES: [&str; 4] = ["BASE_RATE", "TAX_RATE", "RETRY_COUNT", "TIMEOUT"];

/// The rule that a literal under this name breaks, and whether it does so outside services too.
fn assigned(name: &str, value: &Literal<'_>) -> Option<(&'static Rule, bool)> {
    let words = names::words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Literal::Text(text) = value {
        return (is_secret(&words) && !is_reference(text)).then_some((&SECRET, true));
    }
    let units = words.iter().rev().take_while(|word| names::is_unit(word)).count();
    let about = &words[..words.len() - units];
    // `SECONDS_PER_DAY` and `DAY_SECONDS` are arithmetic.
    if about.is_empty() || words.contains(&"per") {
        return None;
    }
    let switched_off = *value == Literal::Zero;
    match about {
        [.., "rate" | "rates"] => Some((&RATE, true)),
        [.., "timeout" | "timeouts"] | [.., "time", "out"] => Some((&TIMEOUT, true)),
        _ if switched_off => None,
        [.., "retries"] | [.., "retry" | "retries", "count" | "limit" | "max" | "attempts"] => Some((&RETRY, true)),
        _ if about.iter().any(|word| LIMITS.contains(word)) => Some((&LIMIT, false)),
        _ if *value == Literal::Duration => Some((&DURATION, false)),
        [.., last] if units > 0 || DURATIONS.contains(last) => Some((&DURATION, false)),
        _ => None,
    }
}

const LIMITS: [&str; 9] = ["limit", "limits", "threshold", "thresholds", "ttl", "max", "min", "maximum", "minimum"];
const DURATIONS: [&str; 12] = [
    "interval",
    "lifetime",
    "expiry",
    "expiration",
    "delay",
    "backoff",
    "retention",
    "validity",
    "duration",
    "period",
    "grace",
    "cooldown",
];

fn is_secret(words: &[&str]) -> bool {
    matches!(
        words,
        [.., "apikey" | "password" | "passwd"]
            | [.., "api" | "secret" | "access" | "private" | "signing", "key"]
            | [.., "api" | "client" | "shared", "secret"]
    )
}

/// A text that only says where the value is, or names it.
fn is_reference(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || ["config://", "secret://", "urn:", "{{", "${", "$(", "arn:"].iter().any(|start| text.starts_with(start))
}
