//! What the services of an enver share with each other: their base URLs, and where the documents of their contracts are.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use contracts::{Child, Stage, Wiring, share_name};
use operation::{Clock, Environment, Observe, ShareRecord};

use crate::{Parameter, Parameters, Platform};

/// What is shared in the constellation of the platform's environment.
///
/// A value is read once: a service whose upstream moves is deployed anew. What is not shared yet, or cannot be read, is
/// asked for again after a while; until then `CONFIG_SERVICE_URL` stands in, the default that every consumer of a base
/// URL declares. That it could not be read is logged and counted.
pub struct Shares {
    parameters: Parameters,
    /// The name of each service's base URL.
    names: BTreeMap<&'static str, String>,
    bootstrap: String,
    environment: Environment,
    clock: Clock,
    observe: Arc<dyn Observe>,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    by_name: BTreeMap<String, Parameter>,
    ask_again_at: i64,
}

impl Shares {
    /// Those of the static envers of the platform's environment.
    pub fn of(platform: &Platform) -> Arc<Self> {
        let stage = Stage::named(platform.environment.name());
        let names = contracts::wire().ok().zip(stage).map(|(wiring, stage)| base_urls(&wiring, stage));
        Arc::new(Self {
            parameters: platform.cloud.parameters(),
            names: names.unwrap_or_default(),
            bootstrap: platform.config_service_url.clone(),
            environment: platform.environment,
            clock: Arc::clone(&platform.clock),
            observe: Arc::clone(&platform.observe),
            known: RwLock::default(),
        })
    }

    /// Where the service of this name answers: an origin without a trailing slash.
    pub async fn base_url(&self, service: &str) -> String {
        let shared = match self.names.get(service) {
            Some(name) => self.shared(name).await,
            None => None,
        };
        shared.map_or_else(|| self.bootstrap.clone(), |shared| shared.value.trim_end_matches('/').to_owned())
    }

    /// Where the document of that service's contract is, pinned to a version; `None` until it is shared.
    pub async fn schema(&self, service: &str) -> Option<Parameter> {
        self.shared(&schema_name(self.names.get(service)?)).await
    }

    async fn shared(&self, name: &str) -> Option<Parameter> {
        const ASK_AGAIN_AFTER_MILLIS: i64 = 30_000;
        let now = (self.clock)();
        if let Ok(known) = self.known.read()
            && (known.by_name.contains_key(name) || now < known.ask_again_at)
        {
            return known.by_name.get(name).cloned();
        }
        let names: Vec<String> = self.names.values().flat_map(|name| [name.clone(), schema_name(name)]).collect();
        let read = self.parameters.get(&names).await.unwrap_or_else(|error| {
            let (environment, cause) = (self.environment, error.chain());
            self.observe.shares_unread(&ShareRecord { environment, cause: &cause, at: now });
            Vec::new()
        });
        let mut known = self.known.write().ok()?;
        known.ask_again_at = now + ASK_AGAIN_AFTER_MILLIS;
        known.by_name.extend(read.into_iter().map(|parameter| (parameter.name.clone(), parameter)));
        known.by_name.get(name).cloned()
    }
}

/// By service, the parameter of the base URL of its enver at a stage: the first value it promises.
fn base_urls(wiring: &Wiring, stage: Stage) -> BTreeMap<&'static str, String> {
    let services = wiring.builds().iter().filter_map(|build| Some((build.service()?, build.producers.first()?.name)));
    let named = services.filter_map(|(service, producer)| {
        let id = &wiring.at(service, stage)?.id;
        Some((service, share_name(&id.build, &id.revision, producer)))
    });
    named.collect()
}

fn schema_name(base_url: &str) -> String {
    format!("{base_url}/{}", Child::SCHEMA_URL)
}
