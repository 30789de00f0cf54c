//! Policies as data: a rule, a rate limit and the names of custom rules.

use crate::Role;

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody.
    Public,
    /// Every logged-in person.
    Authenticated,
    /// Every logged-in person; the handler lets only the record's owner through.
    Creator,
    /// A person with one of these roles.
    Roles(&'static [Role]),
    /// An administrator of the tenant or of the platform.
    Admin,
    /// An administrator of this very tenant.
    OrgManagement,
    /// An administrator of the platform.
    PlatformOwner,
    /// A person with a fresh or multi-factor login.
    Sensitive,
    /// Another service, by its signature.
    Internal,
}

/// The rate-limit presets. Their numbers are configuration (`global/operational/rate-limits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateLimit {
    /// Credentials are tried here.
    Auth,
    /// Costly operations.
    Strict,
    /// Media and long answers.
    Streaming,
    /// The usual one.
    Api,
    /// Pages and public reads.
    Web,
    /// Machines.
    Webhook,
}

impl RateLimit {
    /// Every preset.
    pub const ALL: [Self; 6] = [Self::Auth, Self::Strict, Self::Streaming, Self::Api, Self::Web, Self::Webhook];

    /// The preset's name in configuration and in `x-rate-limit`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Strict => "strict",
            Self::Streaming => "streaming",
            Self::Api => "api",
            Self::Web => "web",
            Self::Webhook => "webhook",
        }
    }
}

/// What an operation declares about its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Who is let in.
    pub rule: Rule,
    /// How often.
    pub rate_limit: RateLimit,
    /// Further rules by name, which the handler keeps and the contract shows (`own-booking`).
    pub custom: &'static [&'static str],
}

impl Policy {
    /// Everybody.
    pub const PUBLIC: Self = Self::new(Rule::Public, RateLimit::Web);
    /// Every logged-in person.
    pub const AUTHENTICATED: Self = Self::new(Rule::Authenticated, RateLimit::Api);
    /// The owner of the record.
    pub const CREATOR: Self = Self::new(Rule::Creator, RateLimit::Api);
    /// An administrator of the tenant or of the platform.
    pub const ADMIN: Self = Self::new(Rule::Admin, RateLimit::Api);
    /// An administrator of this very tenant.
    pub const ORG_MANAGEMENT: Self = Self::new(Rule::OrgManagement, RateLimit::Api);
    /// An administrator of the platform.
    pub const PLATFORM_OWNER: Self = Self::new(Rule::PlatformOwner, RateLimit::Api);
    /// A person with a fresh or multi-factor login.
    pub const SENSITIVE: Self = Self::new(Rule::Sensitive, RateLimit::Auth);
    /// Another service.
    pub const INTERNAL: Self = Self::new(Rule::Internal, RateLimit::Webhook);

    const fn new(rule: Rule, rate_limit: RateLimit) -> Self {
        Self { rule, rate_limit, custom: &[] }
    }

    /// A person with one of these roles.
    pub const fn roles(roles: &'static [Role]) -> Self {
        Self::new(Rule::Roles(roles), RateLimit::Api)
    }

    /// The same policy under another rate limit.
    pub const fn limited(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// The same policy with further rules that the handler keeps.
    pub const fn and(mut self, custom: &'static [&'static str]) -> Self {
        self.custom = custom;
        self
    }
}

impl Rule {
    /// The preset's name in `x-policy`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Creator => "creator",
            Self::Roles(_) => "role",
            Self::Admin => "admin",
            Self::OrgManagement => "org_management",
            Self::PlatformOwner => "platform_owner",
            Self::Sensitive => "sensitive",
            Self::Internal => "internal",
        }
    }
}
