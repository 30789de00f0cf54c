//! The messages that the flows bring about: each flow is taken once in a mock of this process. Its clock stands at one
//! time and goes on by a second with every request, so the same dataset gives the same messages.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ::mock::{Constellation, Front, Outside, service_secret};
use dataset::{Credentials, Dataset, Flow, LogIn, Published, REHEARSED_AT, Run, Setting};
use host_native::Services;
use http::HeaderValue;
use operation::{Environment, Hosted, Observe, Record, sign};
use serde_json::Value;
use spec::MessageExample;
use verify::Client;

use super::DatasetError;
use crate::demo::{self, Account};

/// By type, the first message that the flows bring about.
pub async fn first_of_each(
    dataset: Dataset,
    contracts: &Path,
    data: &Path,
) -> Result<BTreeMap<String, Vec<MessageExample>>, DatasetError> {
    let mut stage = Stage::set(dataset, contracts, data).await?;
    let flows: Vec<Arc<Flow>> = stage.dataset.flows().map(|(_, flow)| Arc::clone(flow)).collect();
    let mut first = BTreeMap::new();
    for flow in flows {
        for message in stage.play(&flow).await? {
            let kind = message.payload["type"].as_str().unwrap_or_default().to_owned();
            first.entry(kind).or_insert_with(|| vec![message]);
        }
    }
    Ok(first)
}

/// A mock, and what flows need of it.
struct Stage {
    dataset: Arc<Dataset>,
    published: Arc<Published>,
    constellation: Arc<Constellation>,
    client: Client,
    setting: Setting,
    emitted: Arc<Mutex<Vec<Value>>>,
}

impl Stage {
    async fn set(dataset: Dataset, contracts: &Path, data: &Path) -> Result<Self, DatasetError> {
        let published = Published::load(contracts)?;
        let outside = Outside { clock: Arc::new(|| REHEARSED_AT), stopwatch: || 0, observe: Arc::new(Unobserved) };
        let (constellation, mounted) = Constellation::start(contracts, data, outside).map_err(DatasetError::Mock)?;
        let hosted = mounted.into_iter().map(|service| Arc::new(service) as Arc<dyn Hosted>).collect();
        let services = Arc::new(Services::new(Environment::Mock, hosted));
        let client = Client::of(Arc::new(Front::before(services, Arc::clone(&constellation))));
        // Nobody outside this process meets this mock.
        let password = operation::random_id();
        let platform = demo::make(Account::Platform, &client, &service_secret(), password, REHEARSED_AT).await?;
        constellation.keep_as_start();
        let emitted = Arc::<Mutex<Vec<Value>>>::default();
        let seen = Arc::clone(&emitted);
        constellation.watch(move |event| seen.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone()));
        let setting = Setting {
            run: "example".to_owned(),
            enver: Environment::Mock.name().to_owned(),
            platform: Some(LogIn { email: platform.email, password: platform.password }),
        };
        Ok(Self { dataset: Arc::new(dataset), published: Arc::new(published), constellation, client, setting, emitted })
    }

    /// Takes a flow from the start of the mock to its end. Fails where it does not go as it is written.
    async fn play(&mut self, flow: &Arc<Flow>) -> Result<Vec<MessageExample>, DatasetError> {
        const SECOND: i64 = 1_000;
        self.constellation.reset();
        self.constellation.stop_clock(REHEARSED_AT);
        let mut run = Run::new(&self.dataset, &self.published, flow, self.setting.clone(), REHEARSED_AT);
        let mut messages = Vec::new();
        loop {
            self.constellation.advance_clock(SECOND);
            let now = self.constellation.now();
            let Some(next) = run.next(now) else { return Ok(messages) };
            let otherwise =
                |step: &str, why: String| DatasetError::Otherwise { flow: flow.id.clone(), step: step.to_owned(), why };
            let request = next.map_err(|problem| otherwise("", problem.to_string()))?;
            let step = request.step;
            let mut message = request.message;
            let name = format!("{}.{}", flow.id, step.id);
            if let Ok(id) = HeaderValue::from_str(&name) {
                message.headers_mut().entry("x-request-id").or_insert(id);
            }
            if request.credentials == Credentials::Signature {
                sign(&mut message, &service_secret(), &step.actor, now * SECOND);
            }
            let sent = self.client.send(message).await;
            let response = sent.map_err(|unreachable| otherwise(&step.id, unreachable.to_string()))?.response;
            let result = run.answer(response.status().as_u16(), response.headers(), response.body());
            if let Some(mismatch) = result.mismatches.first() {
                return Err(otherwise(&step.id, mismatch.to_string()));
            }
            let emitted = std::mem::take(&mut *self.emitted.lock().unwrap_or_else(PoisonError::into_inner));
            messages.extend(emitted.into_iter().map(|payload| MessageExample {
                name: name.clone(),
                summary: step.title.clone(),
                payload,
            }));
        }
    }
}

/// Nobody reads the lines of a rehearsal.
struct Unobserved;

impl Observe for Unobserved {
    fn request(&self, _: &Record<'_>) {}
}
