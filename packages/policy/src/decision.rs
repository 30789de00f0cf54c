//! The decision between a rule and a principal.

use crate::{PLATFORM_TENANT, Principal, Role, Rule};

/// Why a caller is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is logged in, or not in the way this rule needs: 401.
    Unauthenticated,
    /// The caller is known and not allowed: 403.
    Forbidden,
    /// The login is too old and used one factor; logging in again helps: 403.
    StaleLogin,
}

/// Whether `rule` lets `principal` in. `now` is in seconds since 1970; `fresh_for` is how many seconds a login counts
/// as fresh (configuration `global/security/authentication`).
pub fn decide(rule: Rule, principal: &Principal, now: i64, fresh_for: i64) -> Result<(), Denied> {
    let allowed = match (rule, principal) {
        (Rule::Public, _) => true,
        (Rule::Internal, Principal::Service { .. }) => true,
        (_, Principal::Anonymous | Principal::Service { .. }) | (Rule::Internal, _) => {
            return Err(Denied::Unauthenticated);
        }
        (Rule::Authenticated | Rule::Creator, Principal::User(_)) => true,
        (Rule::Roles(roles), principal) => roles.iter().any(|role| principal.has(*role)),
        (Rule::Admin, principal) => principal.administers(),
        (Rule::OrgManagement, principal) => principal.has(Role::TenantAdmin),
        (Rule::PlatformOwner, Principal::User(user)) => {
            user.tenant == PLATFORM_TENANT && principal.has(Role::SystemAdmin)
        }
        (Rule::Sensitive, Principal::User(user)) => {
            if !user.multi_factor && now.saturating_sub(user.authenticated_at) > fresh_for {
                return Err(Denied::StaleLogin);
            }
            true
        }
    };
    if allowed { Ok(()) } else { Err(Denied::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::User;

    const NOW: i64 = 1_000_000;
    const FRESH: i64 = 900;

    fn user(tenant: &str, roles: &[Role]) -> User {
        User {
            tenant: tenant.into(),
            id: "u1".into(),
            roles: roles.to_vec(),
            permissions: vec![],
            session: "s1".into(),
            authenticated_at: NOW - FRESH - 1,
            multi_factor: false,
        }
    }

    /// Every kind of caller, by name.
    fn callers() -> Vec<(&'static str, Principal)> {
        let fresh = User { authenticated_at: NOW, ..user("acme", &[Role::Shipper]) };
        let two_factor = User { multi_factor: true, ..user("acme", &[Role::Shipper]) };
        vec![
            ("anonymous", Principal::Anonymous),
            ("service", Principal::Service { name: "booking".into() }),
            ("shipper", Principal::User(user("acme", &[Role::Shipper]))),
            ("driver", Principal::User(user("acme", &[Role::Driver]))),
            ("fleet_owner", Principal::User(user("acme", &[Role::FleetOwner]))),
            ("tenant_admin", Principal::User(user("acme", &[Role::TenantAdmin]))),
            ("platform system_admin", Principal::User(user(PLATFORM_TENANT, &[Role::SystemAdmin]))),
            ("system_admin elsewhere", Principal::User(user("acme", &[Role::SystemAdmin]))),
            ("roleless", Principal::User(user("acme", &[]))),
            ("fresh shipper", Principal::User(fresh)),
            ("two-factor shipper", Principal::User(two_factor)),
        ]
    }

    #[test]
    fn each_rule_lets_in_exactly_the_callers_it_lists() {
        let everyone: Vec<&str> = callers().iter().map(|(name, _)| *name).collect();
        let people: Vec<&str> = everyone[2..].to_vec();
        let expected: [(Rule, Vec<&str>); 9] = [
            (Rule::Public, everyone),
            (Rule::Authenticated, people.clone()),
            (Rule::Creator, people),
            (Rule::Roles(&[Role::Driver, Role::FleetOwner]), vec!["driver", "fleet_owner"]),
            (Rule::Admin, vec!["tenant_admin", "platform system_admin", "system_admin elsewhere"]),
            (Rule::OrgManagement, vec!["tenant_admin"]),
            (Rule::PlatformOwner, vec!["platform system_admin"]),
            (Rule::Sensitive, vec!["fresh shipper", "two-factor shipper"]),
            (Rule::Internal, vec!["service"]),
        ];

        for (rule, names) in expected {
            let let_in: Vec<&str> = callers()
                .iter()
                .filter(|(_, caller)| decide(rule, caller, NOW, FRESH).is_ok())
                .map(|(name, _)| *name)
                .collect();
            assert_eq!(let_in, names, "{rule:?}");
        }
    }

    #[test]
    fn a_caller_without_a_login_is_told_to_log_in_and_a_known_one_is_forbidden() {
        let shipper = Principal::User(user("acme", &[Role::Shipper]));

        assert_eq!(decide(Rule::Admin, &Principal::Anonymous, NOW, FRESH), Err(Denied::Unauthenticated));
        assert_eq!(decide(Rule::Admin, &shipper, NOW, FRESH), Err(Denied::Forbidden));
        assert_eq!(decide(Rule::Internal, &shipper, NOW, FRESH), Err(Denied::Unauthenticated));
        assert_eq!(decide(Rule::Sensitive, &shipper, NOW, FRESH), Err(Denied::StaleLogin));
    }
}
