//! The closed list of error kinds: each has one code and one HTTP status.

/// What went wrong, as far as a caller can act on it. RFC 9110 gives the statuses their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The body is not JSON; details hold `line` and `column`.
    InvalidJson,
    /// The request breaks its schema; details hold every issue.
    Validation,
    /// No, bad or expired credentials; answered with `WWW-Authenticate`.
    Unauthorized,
    /// A known caller who is not allowed.
    Forbidden,
    /// Absent, or hidden from this caller.
    NotFound,
    /// The path exists under other methods; answered with `Allow`.
    MethodNotAllowed,
    /// A unique key, an optimistic lock or a state machine refuses.
    Conflict,
    /// The body is over the operation's limit.
    PayloadTooLarge,
    /// The body is not of the declared media type.
    UnsupportedMediaType,
    /// Well-formed, but a business rule refuses; details hold `rule`.
    BusinessLogic,
    /// Over the rate limit; answered with `Retry-After`.
    RateLimited,
    /// A fault of ours; nothing of it leaves.
    Internal,
    /// The operation is switched off by configuration.
    NotImplemented,
    /// A dependency is down and has no fallback; answered with `Retry-After`.
    Unavailable,
}

impl Kind {
    /// Every kind, in the order of its status.
    pub const ALL: [Self; 14] = [
        Self::InvalidJson,
        Self::Validation,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::BusinessLogic,
        Self::RateLimited,
        Self::Internal,
        Self::NotImplemented,
        Self::Unavailable,
    ];

    /// The code a caller branches on when nothing finer is declared.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "INVALID_JSON",
            Self::Validation => "VALIDATION_ERROR",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::Conflict => "CONFLICT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::BusinessLogic => "BUSINESS_LOGIC_ERROR",
            Self::RateLimited => "RATE_LIMITED",
            Self::Internal => "INTERNAL_ERROR",
            Self::NotImplemented => "NOT_IMPLEMENTED",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::Validation => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::BusinessLogic => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::NotImplemented => 501,
            Self::Unavailable => 503,
        }
    }

    /// What a caller reads when nobody said it better.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidJson => "The body is not valid JSON.",
            Self::Validation => "The request does not satisfy its schema.",
            Self::Unauthorized => "Authentication is required.",
            Self::Forbidden => "You are not allowed to do this.",
            Self::NotFound => "There is no such resource.",
            Self::MethodNotAllowed => "This resource does not answer that method.",
            Self::Conflict => "The request conflicts with the current state.",
            Self::PayloadTooLarge => "The body is larger than this operation accepts.",
            Self::UnsupportedMediaType => "The body must be application/json.",
            Self::BusinessLogic => "A business rule refuses the request.",
            Self::RateLimited => "Too many requests.",
            Self::Internal => "Something went wrong on our side.",
            Self::NotImplemented => "This operation is switched off.",
            Self::Unavailable => "A dependency is not available; try again later.",
        }
    }
}
