//! The auth service: tenants and their users, log-in, and the keys that tokens are signed with.
//!
//! A person proves who they are with a password and gets two tokens: an access token, which every service checks by
//! itself against the published key set, and a refresh token, which is good here and once. What roles allow is a table
//! in `domain`; lengths, costs and lifetimes come from the configuration service.

mod api_keys;
mod apply_configuration_change;
mod approve_authorization;
mod authorization;
mod authorize;
mod clients;
mod create_api_key;
mod create_tenant;
mod credential;
mod delete_client;
mod domain;
mod get_authorization_server_metadata;
mod get_key_set;
mod get_openid_configuration;
mod get_user_info;
mod introspect_token;
mod issue_token;
mod issuer;
mod key_ring;
mod list_api_keys;
mod list_clients;
mod log_in;
mod metadata;
mod oauth;
mod passwords;
mod records;
mod redeem_code;
mod refresh_tokens;
mod register_client;
mod register_user;
mod revoke_api_key;
mod revoke_token;
mod rotate_client_secret;
mod secret;
mod session;
mod tokens;

use std::sync::Arc;

use cloud::{Platform, Table};
use config_client::{ConfigClient, HttpSource};
use operation::{Consumer, Keys, Mounted, Operation, RouteError, Service};

use crate::issuer::Issuer;

/// The service's name, and that of its table.
pub const NAME: &str = "auth";

/// The state: the table, the configuration as this service sees it, and the issuer of tokens.
pub struct Auth {
    table: Table,
    config: Arc<ConfigClient>,
    issuer: Arc<Issuer>,
}

/// The service, declared.
pub fn service() -> Service<Auth> {
    Service::new(
        NAME,
        vec![
            Operation::new(&approve_authorization::DECLARATION, approve_authorization::handle),
            Operation::new(&authorize::DECLARATION, authorize::handle),
            Operation::new(&create_api_key::DECLARATION, create_api_key::handle),
            Operation::new(&create_tenant::DECLARATION, create_tenant::handle),
            Operation::new(&delete_client::DECLARATION, delete_client::handle),
            Operation::new(&get_authorization_server_metadata::DECLARATION, get_authorization_server_metadata::handle),
            Operation::new(&get_key_set::DECLARATION, get_key_set::handle),
            Operation::new(&get_openid_configuration::DECLARATION, get_openid_configuration::handle),
            Operation::new(&get_user_info::DECLARATION, get_user_info::handle),
            Operation::new(&introspect_token::DECLARATION, introspect_token::handle),
            Operation::new(&issue_token::DECLARATION, issue_token::handle),
            Operation::new(&list_api_keys::DECLARATION, list_api_keys::handle),
            Operation::new(&list_clients::DECLARATION, list_clients::handle),
            Operation::new(&log_in::DECLARATION, log_in::handle),
            Operation::new(&refresh_tokens::DECLARATION, refresh_tokens::handle),
            Operation::new(&register_client::DECLARATION, register_client::handle),
            Operation::new(&register_user::DECLARATION, register_user::handle),
            Operation::new(&revoke_api_key::DECLARATION, revoke_api_key::handle),
            Operation::new(&revoke_token::DECLARATION, revoke_token::handle),
            Operation::new(&rotate_client_secret::DECLARATION, rotate_client_secret::handle),
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
    service().mount(Arc::new(Auth { table, config, issuer }), ports)
}
