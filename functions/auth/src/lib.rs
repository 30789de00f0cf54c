//! The auth service: tenants, their users and roles, sessions, and the keys that tokens are signed with.
//!
//! A person proves who they are with a password and gets two tokens: an access token, which every service checks by
//! itself against the published key set, and a refresh token, which is good here and once. What roles allow,
//! and lengths, costs and lifetimes, come from the configuration service.

mod accept_invitation;
mod account;
mod administrators;
mod api_keys;
mod apply_configuration_change;
mod approve_authorization;
mod attempts;
mod authorization;
mod authorize;
mod begin_browser_login;
mod browser_session;
mod change_password;
mod change_user_roles;
mod clients;
mod complete_browser_login;
mod complete_log_in;
mod confirm_multi_factor;
mod create_api_key;
mod create_invitation;
mod create_role;
mod create_tenant;
mod credential;
mod delete_client;
mod delete_role;
mod disable_multi_factor;
mod domain;
mod end_browser_session;
mod end_session;
mod enrol_multi_factor;
mod get_authorization_server_metadata;
mod get_browser_session;
mod get_key_set;
mod get_openid_configuration;
mod get_user;
mod get_user_info;
mod identity_provider;
mod introspect_token;
mod invitations;
mod issue_token;
mod issuer;
mod key_ring;
mod list_api_keys;
mod list_clients;
mod list_invitations;
mod list_roles;
mod list_sessions;
mod list_users;
mod log_in;
mod log_out;
mod log_out_everywhere;
mod metadata;
mod multi_factor;
mod oauth;
mod one_time_token;
mod open_session;
mod password_resets;
mod password_rules;
mod passwords;
mod reactivate_user;
mod read_tenant_user;
mod records;
mod redeem_code;
mod refresh_tokens;
mod register_client;
mod register_user;
mod remove_user_factor;
mod replace_backup_codes;
mod request_password_reset;
mod reset_password;
mod revoke_api_key;
mod revoke_invitation;
mod revoke_token;
mod roles;
mod rotate_client_secret;
mod secret;
mod session;
mod set_identity_provider;
mod suspend_user;
mod take_backchannel_logout;
mod tokens;
mod update_role;
mod upstreams;
mod users;

use std::sync::Arc;

use cloud::{Platform, Table};
use config_client::{ConfigClient, HttpSource};
use operation::{Consumer, Keys, Mounted, Operation, RouteError, Service, Transport};

use crate::browser_session::Turns;
use crate::issuer::Issuer;

/// The service's name, and that of its table.
pub const NAME: &str = "auth";

/// The state: the table, the configuration as this service sees it, the issuer of tokens, and
/// the way to outside providers.
pub struct Auth {
    table: Table,
    config: Arc<ConfigClient>,
    issuer: Arc<Issuer>,
    transport: Arc<dyn Transport>,
    turns: Turns,
}

/// The service, declared.
pub fn service() -> Service<Auth> {
    Service::new(
        NAME,
        vec![
            Operation::new(&accept_invitation::DECLARATION, accept_invitation::handle),
            Operation::new(&approve_authorization::DECLARATION, approve_authorization::handle),
            Operation::new(&authorize::DECLARATION, authorize::handle),
            Operation::new(&begin_browser_login::DECLARATION, begin_browser_login::handle),
            Operation::new(&change_password::DECLARATION, change_password::handle),
            Operation::new(&change_user_roles::DECLARATION, change_user_roles::handle),
            Operation::new(&complete_browser_login::DECLARATION, complete_browser_login::handle),
            Operation::new(&complete_log_in::DECLARATION, complete_log_in::handle),
            Operation::new(&confirm_multi_factor::DECLARATION, confirm_multi_factor::handle),
            Operation::new(&create_api_key::DECLARATION, create_api_key::handle),
            Operation::new(&create_invitation::DECLARATION, create_invitation::handle),
            Operation::new(&create_role::DECLARATION, create_role::handle),
            Operation::new(&create_tenant::DECLARATION, create_tenant::handle),
            Operation::new(&delete_client::DECLARATION, delete_client::handle),
            Operation::new(&delete_role::DECLARATION, delete_role::handle),
            Operation::new(&disable_multi_factor::DECLARATION, disable_multi_factor::handle),
            Operation::new(&end_browser_session::DECLARATION, end_browser_session::handle),
            Operation::new(&end_session::DECLARATION, end_session::handle),
            Operation::new(&enrol_multi_factor::DECLARATION, enrol_multi_factor::handle),
            Operation::new(&get_authorization_server_metadata::DECLARATION, get_authorization_server_metadata::handle),
            Operation::new(&get_browser_session::DECLARATION, get_browser_session::handle),
            Operation::new(&get_key_set::DECLARATION, get_key_set::handle),
            Operation::new(&get_openid_configuration::DECLARATION, get_openid_configuration::handle),
            Operation::new(&get_user::DECLARATION, get_user::handle),
            Operation::new(&get_user_info::DECLARATION, get_user_info::handle),
            Operation::new(&introspect_token::DECLARATION, introspect_token::handle),
            Operation::new(&issue_token::DECLARATION, issue_token::handle),
            Operation::new(&list_api_keys::DECLARATION, list_api_keys::handle),
            Operation::new(&list_clients::DECLARATION, list_clients::handle),
            Operation::new(&list_invitations::DECLARATION, list_invitations::handle),
            Operation::new(&list_roles::DECLARATION, list_roles::handle),
            Operation::new(&list_sessions::DECLARATION, list_sessions::handle),
            Operation::new(&list_users::DECLARATION, list_users::handle),
            Operation::new(&log_in::DECLARATION, log_in::handle),
            Operation::new(&log_out::DECLARATION, log_out::handle),
            Operation::new(&log_out_everywhere::DECLARATION, log_out_everywhere::handle),
            Operation::new(&reactivate_user::DECLARATION, reactivate_user::handle),
            Operation::new(&read_tenant_user::DECLARATION, read_tenant_user::handle),
            Operation::new(&refresh_tokens::DECLARATION, refresh_tokens::handle),
            Operation::new(&register_client::DECLARATION, register_client::handle),
            Operation::new(&register_user::DECLARATION, register_user::handle),
            Operation::new(&remove_user_factor::DECLARATION, remove_user_factor::handle),
            Operation::new(&replace_backup_codes::DECLARATION, replace_backup_codes::handle),
            Operation::new(&request_password_reset::DECLARATION, request_password_reset::handle),
            Operation::new(&reset_password::DECLARATION, reset_password::handle),
            Operation::new(&revoke_api_key::DECLARATION, revoke_api_key::handle),
            Operation::new(&revoke_invitation::DECLARATION, revoke_invitation::handle),
            Operation::new(&revoke_token::DECLARATION, revoke_token::handle),
            Operation::new(&rotate_client_secret::DECLARATION, rotate_client_secret::handle),
            Operation::new(&set_identity_provider::DECLARATION, set_identity_provider::handle),
            Operation::new(&suspend_user::DECLARATION, suspend_user::handle),
            Operation::new(&take_backchannel_logout::DECLARATION, take_backchannel_logout::handle),
            Operation::new(&update_role::DECLARATION, update_role::handle),
        ],
        vec![Consumer::new(&apply_configuration_change::DECLARATION, apply_configuration_change::handle)],
    )
}

/// The service on a platform, ready to answer.
pub fn mount(platform: &Platform) -> Result<Mounted<Auth>, RouteError> {
    let table = platform.table(NAME);
    let source = Arc::new(HttpSource::new(platform, NAME));
    let config = Arc::new(ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock)));
    let issuer = Arc::new(Issuer::new(platform, &table, &config));
    let ports = config.ports_with_keys(platform, &table, Arc::clone(&issuer) as Arc<dyn Keys>);
    service().mount(
        Arc::new(Auth { table, config, issuer, transport: Arc::clone(&platform.transport), turns: Turns::default() }),
        ports,
    )
}
