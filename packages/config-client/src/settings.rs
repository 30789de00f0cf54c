//! The documents every service needs: limits, origins, authentication, idempotency, switches.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use cloud::{Platform, RemoteKeys, Shares, Table};
use operation::{Keys, Ports, Settings, TenantSettings, Window};
use policy::RateLimit;
use serde::Deserialize;
use service_errors::Error;

use crate::client::make_room;
use crate::{ConfigClient, Document, Scope};

/// `global/operational/rate-limits`: a window per preset.
#[derive(Debug, Deserialize)]
pub struct RateLimits(BTreeMap<String, WindowDocument>);

/// A rate limit.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct WindowDocument {
    /// Calls.
    pub limit: u32,
    /// Seconds.
    pub seconds: u32,
}

impl Document for RateLimits {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "operational/rate-limits";
}

/// `global/operational/idempotency`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Idempotency {
    /// Seconds an answer is kept under its key.
    pub retention_seconds: i64,
}

impl Document for Idempotency {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "operational/idempotency";
}

/// `global/operational/switches`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Switches {
    /// Operation ids that answer 501.
    pub switched_off: Vec<String>,
}

impl Document for Switches {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "operational/switches";
}

/// `global/security/cors`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    /// Origins a browser may call from.
    pub origins: Vec<String>,
    /// Seconds a preflight's answer may be kept.
    pub max_age_seconds: u64,
}

impl Document for Cors {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "security/cors";
}

/// `global/security/authentication`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Authentication {
    /// Who issues tokens.
    pub issuer: String,
    /// Whom tokens are for.
    pub audience: String,
    /// Where the JWK set is: absolute, or below the auth service's base URL.
    pub key_set_url: String,
    /// Seconds before an unknown key id makes the set be fetched again.
    pub key_refresh_seconds: i64,
    /// Seconds a login counts as fresh.
    pub fresh_login_seconds: i64,
    /// Seconds a service signature may be old.
    pub signature_max_age_seconds: i64,
    /// Seconds a service signature may be ahead.
    pub signature_max_ahead_seconds: i64,
}

impl Document for Authentication {
    const SCOPE: Scope = Scope::Global;
    const NAME: &'static str = "security/authentication";
}

impl ConfigClient {
    /// The ports of a service whose own table is `table`, with keys from the issuer's JWK set.
    pub fn ports(self: &Arc<Self>, platform: &Platform, table: &Table) -> Ports {
        let settings: Arc<dyn Settings> = Arc::new(PlatformSettings::new(self, platform, table));
        let keys = RemoteKeys::new(
            Arc::clone(&platform.transport),
            Arc::clone(&settings),
            platform.secrets.clone(),
            Arc::clone(&platform.clock),
        );
        Self::ports_with(platform, table, settings, Arc::new(keys))
    }

    /// The same for the service that holds the keys itself.
    pub fn ports_with_keys(self: &Arc<Self>, platform: &Platform, table: &Table, keys: Arc<dyn Keys>) -> Ports {
        Self::ports_with(platform, table, Arc::new(PlatformSettings::new(self, platform, table)), keys)
    }

    fn ports_with(platform: &Platform, table: &Table, settings: Arc<dyn Settings>, keys: Arc<dyn Keys>) -> Ports {
        Ports {
            environment: platform.environment,
            keys,
            counters: Arc::clone(&platform.counters),
            memory: Arc::new(table.clone()),
            settings,
            clock: Arc::clone(&platform.clock),
            stopwatch: platform.stopwatch,
            observe: Arc::clone(&platform.observe),
        }
    }
}

/// The service whose base URL the JWK set stands below.
const ISSUER: &str = "auth";

/// The pipeline's settings, put together from documents.
struct PlatformSettings {
    config: Arc<ConfigClient>,
    shares: Arc<Shares>,
}

#[async_trait]
impl Settings for PlatformSettings {
    async fn of(&self, tenant: &str) -> Result<Arc<TenantSettings>, Error> {
        let now = self.config.now();
        if let Ok(known) = self.config.settings.read()
            && let Some((settings, until)) = known.get(tenant)
            && *until > now
        {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(self.read(tenant).await?);
        // The documents below have their own times; this only saves putting them together for every request.
        const REBUILD_AFTER_SECONDS: i64 = 1;
        if let Ok(mut known) = self.config.settings.write() {
            make_room(&mut known, tenant);
            known.insert(tenant.to_owned(), (Arc::clone(&settings), now + REBUILD_AFTER_SECONDS));
        }
        Ok(settings)
    }

    async fn origin_known(&self, origin: &str) -> bool {
        self.config.source().origin_known(origin).await.unwrap_or(false)
    }
}

impl PlatformSettings {
    /// Those of the service whose own table is `table`.
    fn new(config: &Arc<ConfigClient>, platform: &Platform, table: &Table) -> Self {
        Self { config: Arc::clone(config), shares: Shares::of(platform, table.logical) }
    }

    async fn read(&self, tenant: &str) -> Result<TenantSettings, Error> {
        let limits = self.config.get::<RateLimits>(tenant).await?;
        let cors = self.config.get::<Cors>(tenant).await?;
        let authentication = self.config.get::<Authentication>(tenant).await?;
        let idempotency = self.config.get::<Idempotency>(tenant).await?;
        let switches = self.config.get::<Switches>(tenant).await?;
        let window = |preset: RateLimit| {
            limits.0.get(preset.name()).map(|window| (preset, Window { limit: window.limit, seconds: window.seconds }))
        };
        let key_set_url = match authentication.key_set_url.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.shares.base_url(ISSUER).await),
            None => authentication.key_set_url.clone(),
        };
        Ok(TenantSettings {
            rate_limits: RateLimit::ALL.into_iter().filter_map(window).collect(),
            origins: cors.origins.clone(),
            preflight_max_age: cors.max_age_seconds,
            issuer: authentication.issuer.clone(),
            audience: authentication.audience.clone(),
            key_set_url,
            key_refresh: authentication.key_refresh_seconds,
            fresh_login: authentication.fresh_login_seconds,
            signature_max_age: authentication.signature_max_age_seconds,
            signature_max_ahead: authentication.signature_max_ahead_seconds,
            idempotency_retention: idempotency.retention_seconds,
            switched_off: switches.switched_off.clone(),
        })
    }
}
