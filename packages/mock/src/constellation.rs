//! A mock constellation: the services of one enver, answered by one engine over one state.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::Value;
use operation::{Clock, Declaration, Environment, Mounted, Observe, Ports, Service};
use policy::{PLATFORM_TENANT, Principal};
use serde_json::{Value as Json, json};
use service_errors::Error;
use validation::types::Timestamp;

use crate::Problem;
use crate::answering::{Mocked, caller, operation};
use crate::behaviour::{Behaviour, Collections, Steps};
use crate::cases::{Cases, Generated};
use crate::contract::{Contract, Promised};
use crate::ports::{Answers, Configured, Counted, EXCHANGE};
use crate::reading::{check, files, folders, read_all};
use crate::run::Run;
use crate::scope::Scope;
use crate::state::{Message, State};
use crate::value::of_json;

/// What a mock needs from outside.
pub struct Outside {
    /// Milliseconds since 1970, until a clock is set.
    pub clock: Clock,
    /// Monotonic microseconds.
    pub stopwatch: fn() -> u64,
    /// Where lines go.
    pub observe: Arc<dyn Observe>,
}

/// An engine, and its services, mounted on it.
pub type Started = (Arc<Constellation>, Vec<Mounted<Mocked>>);

/// One engine and what it remembers.
pub struct Constellation {
    pub(crate) behaviours: Vec<Behaviour>,
    collections: Arc<Collections>,
    followers: HashMap<String, Vec<(usize, Steps)>>,
    world: Mutex<World>,
    pub(crate) configured: Configured,
    pub(crate) counted: Arc<Counted>,
    pub(crate) contracts: Vec<Facts>,
    pub(crate) cases: Cases,
    outside: Outside,
    /// When the clock stands still: the time; otherwise the smallest number.
    standing: AtomicI64,
    /// What is added to the clock that runs, in milliseconds.
    ahead: AtomicI64,
}

/// What stays of a contract when its operations are mounted.
pub(crate) struct Facts {
    pub service: &'static str,
    pub messages: Vec<(String, Arc<validation::Schema>)>,
    pub queues: Vec<(String, Vec<String>)>,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) state: State,
    seeded: State,
    snapshots: HashMap<String, State>,
    watchers: Vec<Watcher>,
}

/// Whoever is shown each event.
type Watcher = Box<dyn Fn(&Json) + Send>;

impl World {
    /// Takes over what a call has made of the state, and shows what it emitted.
    pub(crate) fn commit(&mut self, state: State) {
        let from = self.state.next_message();
        self.state = state;
        for message in self.state.messages(from) {
            self.watchers.iter().for_each(|watcher| watcher(&message.event));
        }
    }
}

const RUNNING: i64 = i64::MIN;

impl Constellation {
    /// Reads contracts (`<folder>/<service>/openapi.json`) and behaviour (`<data>/behaviour/*.yaml`) and mounts what they
    /// say. Fails with everything that is wrong with either; then nothing is mounted.
    pub fn start(contracts: &Path, data: &Path, outside: Outside) -> Result<Started, Vec<Problem>> {
        let mut problems = Vec::new();
        let cases = Cases::of_folders(data, contracts);
        let contracts = read_all(&folders(contracts)?, Contract::read, &mut problems);
        let behaviours = read_all(&files(&data.join("behaviour"))?, Behaviour::read, &mut problems);
        check(&contracts, &behaviours, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut followers: HashMap<String, Vec<(usize, Steps)>> = HashMap::new();
        for (index, behaviour) in behaviours.iter().enumerate() {
            for (kind, steps) in &behaviour.messages {
                followers.entry(kind.clone()).or_default().push((index, Arc::clone(steps)));
            }
        }
        let (facts, promised): (Vec<_>, Vec<_>) = contracts
            .into_iter()
            .map(|read| {
                let facts = Facts { service: read.service, messages: read.messages, queues: read.queues };
                (facts, (read.service, read.file, read.operations))
            })
            .unzip();
        let constellation = Arc::new(Self {
            collections: Arc::new(Collections::of(&behaviours)),
            behaviours,
            followers,
            world: Mutex::default(),
            configured: Configured::default(),
            counted: Arc::default(),
            contracts: facts,
            cases,
            outside,
            standing: AtomicI64::new(RUNNING),
            ahead: AtomicI64::new(0),
        });
        constellation.seed()?;
        let mut mounted = Vec::new();
        for (service, file, operations) in promised {
            let routes = |error: operation::RouteError| {
                vec![Problem { file: file.clone(), place: "paths".into(), what: error.to_string() }]
            };
            mounted.push(constellation.mount(service, &file, operations).map_err(routes)?);
        }
        Ok((constellation, mounted))
    }

    fn mount(
        self: &Arc<Self>,
        service: &'static str,
        file: &str,
        promised: Vec<Promised>,
    ) -> Result<Mounted<Mocked>, operation::RouteError> {
        let operations = promised.into_iter().map(operation).collect();
        let behaviour = self.behaviours.iter().position(|behaviour| behaviour.service == service);
        let (generated, calls) = (Generated::of(file.into()), AtomicU64::new(0));
        let state = Arc::new(Mocked { constellation: Arc::clone(self), service, behaviour, generated, calls });
        let clock = Arc::clone(self);
        let ports = Ports {
            environment: Environment::Mock,
            keys: Arc::clone(self) as _,
            counters: Arc::clone(&self.counted) as _,
            memory: Arc::new(Answers { constellation: Arc::clone(self), service }),
            settings: Arc::clone(self) as _,
            clock: Arc::new(move || clock.now()),
            stopwatch: self.outside.stopwatch,
            observe: Arc::clone(&self.outside.observe),
        };
        Service::new(service, operations, Vec::new()).mount(state, ports)
    }

    /// Milliseconds since 1970, by the mock's clock.
    pub fn now(&self) -> i64 {
        match self.standing.load(Ordering::Relaxed) {
            RUNNING => (self.outside.clock)().saturating_add(self.ahead.load(Ordering::Relaxed)),
            standing => standing,
        }
    }

    /// Whether the clock stands still.
    pub fn stands(&self) -> bool {
        self.standing.load(Ordering::Relaxed) != RUNNING
    }

    /// Lets the clock stand still at this time.
    pub fn stop_clock(&self, at: i64) {
        self.standing.store(at, Ordering::Relaxed);
    }

    /// Lets the clock run, as the machine's does.
    pub fn run_clock(&self) {
        self.ahead.store(0, Ordering::Relaxed);
        self.standing.store(RUNNING, Ordering::Relaxed);
    }

    /// Moves the clock, whether it runs or stands.
    pub fn advance_clock(&self, millis: i64) {
        match self.standing.load(Ordering::Relaxed) {
            RUNNING => drop(self.ahead.fetch_add(millis, Ordering::Relaxed)),
            at => self.standing.store(at.saturating_add(millis), Ordering::Relaxed),
        }
    }

    /// Everything that is remembered, as it is now.
    pub fn state(&self) -> State {
        self.world().state.clone()
    }

    /// Forgets everything but what was there at the start: records, messages, counts, answers.
    pub fn reset(&self) {
        let mut world = self.world();
        world.state = world.seeded.clone();
        world.state.configured = fresh();
        drop(world);
        self.counted.reset();
    }

    /// From now on a reset leads to what is remembered now.
    pub fn keep_as_start(&self) {
        let mut world = self.world();
        world.seeded = world.state.clone();
    }

    /// Forgets how often anybody called; everything else stays.
    pub fn forget_counts(&self) {
        self.counted.reset();
    }

    /// Keeps the state under a name. `false` when there is no room for another name.
    pub fn snapshot(&self, name: &str) -> bool {
        const MOST_SNAPSHOTS: usize = 1000;
        let mut world = self.world();
        if world.snapshots.len() >= MOST_SNAPSHOTS && !world.snapshots.contains_key(name) {
            return false;
        }
        let state = world.state.clone();
        world.snapshots.insert(name.to_owned(), state);
        true
    }

    /// Brings the state of a snapshot back; it can be brought back again. `false` when there is none of that name.
    pub fn restore(&self, name: &str) -> bool {
        let mut world = self.world();
        let Some(state) = world.snapshots.get(name).cloned() else { return false };
        world.state = state;
        world.state.configured = fresh();
        true
    }

    /// Shows every event that is emitted from now on, in their order. No call goes on meanwhile: the watcher must not
    /// wait.
    pub fn watch(&self, watcher: impl Fn(&Json) + Send + 'static) {
        self.world().watchers.push(Box::new(watcher));
    }

    /// The queues of the services, and the types of messages that each takes.
    pub fn queues(&self) -> Vec<(String, Vec<String>)> {
        self.contracts.iter().flat_map(|facts| facts.queues.iter().cloned()).collect()
    }

    /// The messages that came on a queue that takes these types, from a number on.
    pub fn on_queue(&self, kinds: &[String], from: u64) -> Vec<Message> {
        let state = self.state();
        let comes = |message: &&Message| kinds.iter().any(|kind| message.event["type"] == kind.as_str());
        state.messages(from).filter(comes).cloned().collect()
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the steps of every seed, as the platform.
    fn seed(&self) -> Result<(), Vec<Problem>> {
        let mut state = State::default();
        let mut problems = Vec::new();
        for behaviour in &self.behaviours {
            for seed in &behaviour.seeds {
                for file in files(&seed.folder)? {
                    let problem =
                        |what: String| Problem { file: file.display().to_string(), place: String::new(), what };
                    let content = std::fs::read_to_string(&file).map_err(|error| vec![problem(error.to_string())])?;
                    let content: Json = match serde_saphyr::from_str(&content) {
                        Ok(content) => content,
                        Err(error) => {
                            problems.push(problem(error.to_string()));
                            continue;
                        }
                    };
                    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
                    let it = json!({ "name": name, "content": content });
                    let service = self.service(&behaviour.service);
                    let names = self.names(PLATFORM_TENANT, &Principal::Service { name: PLATFORM_TENANT.into() });
                    let names = names.into_iter().chain([("it".to_owned(), of_json(&it))]).collect();
                    let scope = self.scope(state.clone(), PLATFORM_TENANT, service, names);
                    match self.run(&scope, behaviour, None, service).steps(&seed.steps) {
                        Ok(_) => state = scope.work().state.clone(),
                        Err(error) => problems.push(problem(error.chain())),
                    }
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut world = self.world();
        world.state = state.clone();
        world.seeded = state;
        Ok(())
    }

    fn service(&self, name: &str) -> &'static str {
        self.contracts.iter().find(|facts| facts.service == name).map_or("", |facts| facts.service)
    }

    pub(crate) fn names(&self, tenant: &str, principal: &Principal) -> Vec<(String, Value)> {
        let now = Timestamp::from_unix_millis(self.now()).to_string();
        let caller = caller(principal);
        [
            ("now", json!(now)),
            ("caller", caller),
            ("environment", json!(Environment::Mock.name())),
            ("calledBy", json!(tenant)),
        ]
        .map(|(name, value)| (name.to_owned(), of_json(&value)))
        .into()
    }

    pub(crate) fn scope(
        &self,
        state: State,
        tenant: &str,
        service: &'static str,
        names: Vec<(String, Value)>,
    ) -> Arc<Scope> {
        Scope::new(state, tenant, Arc::clone(&self.collections), Environment::Mock.name(), service, names)
    }

    pub(crate) fn run<'a>(
        &'a self,
        scope: &'a Arc<Scope>,
        behaviour: &'a Behaviour,
        declaration: Option<&'static Declaration>,
        service: &'static str,
    ) -> Run<'a> {
        let (followers, behaviours, contracts) = (&self.followers, &self.behaviours[..], &self.contracts[..]);
        Run { scope, behaviour, followers, behaviours, contracts, declaration, service, depth: 0 }
    }

    /// The access token that an API key is good for.
    pub(crate) fn exchanged(&self, key: &str) -> Result<Option<String>, Error> {
        let found = self.behaviours.iter().find_map(|behaviour| Some((behaviour, behaviour.procedures.get(EXCHANGE)?)));
        let Some((behaviour, steps)) = found else { return Ok(None) };
        self.token_by(behaviour, steps, key)
    }

    /// The access token that stands for one that tests know by heart.
    pub(crate) fn known_token(&self, text: &str) -> Result<Option<String>, Error> {
        let found = self.behaviours.iter().find_map(|behaviour| Some((behaviour, behaviour.tokens.get(text)?)));
        let Some((behaviour, steps)) = found else { return Ok(None) };
        self.token_by(behaviour, steps, text)
    }

    fn token_by(&self, behaviour: &Behaviour, steps: &Steps, key: &str) -> Result<Option<String>, Error> {
        let service = self.service(&behaviour.service);
        let names = self.names(PLATFORM_TENANT, &Principal::Anonymous);
        let names = names.into_iter().chain([("it".to_owned(), Value::from(key))]).collect();
        let mut world = self.world();
        let scope = self.scope(world.state.clone(), PLATFORM_TENANT, service, names);
        self.run(&scope, behaviour, None, service).steps(steps)?;
        let token = scope.variable("exchanged").and_then(|token| token.as_str().map(str::to_owned));
        world.commit(scope.work().state.clone());
        Ok(token)
    }
}

/// A number that settings were not made under before.
fn fresh() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1 << 32);
    NEXT.fetch_add(1 << 32, Ordering::Relaxed)
}
