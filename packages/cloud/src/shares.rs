//! What a service's upstreams share with it: their base URLs, and where the documents of their contracts are.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use contracts::{BOOTSTRAP, Edge, Stage};
use operation::Clock;

use crate::{Parameter, Parameters, Platform};

/// The declared upstreams of one service in one enver, and what they share.
///
/// A value is read once: a service whose upstream moves is deployed anew. What is not shared yet, or cannot be read, is
/// asked for again after a while; until then its declared default stands in.
pub struct Shares {
    parameters: Parameters,
    edges: Vec<Edge>,
    bootstrap: String,
    clock: Clock,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    by_parameter: BTreeMap<String, Parameter>,
    ask_again_at: i64,
}

impl Shares {
    /// Those of the static enver of `service` in the platform's environment. A service that is not declared has no
    /// upstreams, and finds everything at `CONFIG_SERVICE_URL`.
    pub fn of(platform: &Platform, service: &str) -> Arc<Self> {
        let stage = Stage::named(platform.environment.name());
        let wiring = contracts::wire().ok();
        let edges = wiring.zip(stage).and_then(|(wiring, stage)| {
            let id = wiring.at(service, stage)?.id.clone();
            Some(wiring.upstreams(&id).cloned().collect())
        });
        Arc::new(Self {
            parameters: platform.cloud.parameters(),
            edges: edges.unwrap_or_default(),
            bootstrap: platform.config_service_url.clone(),
            clock: Arc::clone(&platform.clock),
            known: RwLock::default(),
        })
    }

    /// Where the service of this name answers: an origin without a trailing slash.
    pub async fn base_url(&self, service: &str) -> String {
        let edge = self.edge(service, |edge| edge.document.is_none());
        let Some(edge) = edge else { return self.bootstrap.clone() };
        match self.shared(edge).await {
            Some(parameter) => parameter.value.trim_end_matches('/').to_owned(),
            None => match edge.default_if_absent {
                Some(default) if default != BOOTSTRAP => default.trim_end_matches('/').to_owned(),
                _ => self.bootstrap.clone(),
            },
        }
    }

    /// Where the document of that service's contract is, pinned to a version; `None` until it is shared.
    pub async fn schema(&self, service: &str) -> Option<Parameter> {
        let edge = self.edge(service, |edge| edge.document.is_some())?;
        self.shared(edge).await
    }

    fn edge(&self, service: &str, is_meant: impl Fn(&Edge) -> bool) -> Option<&Edge> {
        self.edges.iter().find(|edge| edge.service == Some(service) && is_meant(edge))
    }

    async fn shared(&self, edge: &Edge) -> Option<Parameter> {
        const ASK_AGAIN_AFTER: i64 = 30_000;
        let now = (self.clock)();
        if let Ok(known) = self.known.read()
            && (known.by_parameter.contains_key(&edge.share_name) || now < known.ask_again_at)
        {
            return known.by_parameter.get(&edge.share_name).cloned();
        }
        let names: Vec<String> = self.edges.iter().map(|edge| edge.share_name.clone()).collect();
        let read = self.parameters.get(&names).await.unwrap_or_default();
        let mut known = self.known.write().ok()?;
        known.ask_again_at = now + ASK_AGAIN_AFTER;
        known.by_parameter.extend(read.into_iter().map(|parameter| (parameter.name.clone(), parameter)));
        known.by_parameter.get(&edge.share_name).cloned()
    }
}
