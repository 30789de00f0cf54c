//! A service as documents see it.

use std::fs;

use contracts::{Build, Edge, Stage, WiredEnver};
use serde_json::Value;
use spec::{Contract, OperationContract, openapi};

use super::Source;

/// Why documents cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// No such service.
    #[error("there is no service {service}: {known} are")]
    NoService {
        /// The name.
        service: String,
        /// What there is.
        known: String,
    },
    /// A service without a build, or without one of its envers.
    #[error("{service} has no {what} in contracts/src/builds: declare it there, as its neighbours are")]
    NotWired {
        /// The service.
        service: String,
        /// What is missing.
        what: String,
    },
    /// A step that goes nowhere.
    #[error("step {step} of mock-data/use-cases goes to {service} {operation}, which is not there: {mend}")]
    Step {
        /// `UC3.quote`
        step: String,
        /// The service.
        service: String,
        /// The operation.
        operation: String,
        /// What there is.
        mend: String,
    },
}

/// One service, and where to look for everything about it.
pub(super) struct Subject<'a> {
    pub source: &'a Source<'a>,
    pub contract: &'a Contract,
    pub build: &'static Build,
    envers: [&'a WiredEnver; 3],
    openapi: Value,
}

impl<'a> Subject<'a> {
    pub fn of(source: &'a Source<'a>, service: &str) -> Result<Self, DocumentError> {
        let contract = source.contracts.iter().find(|contract| contract.service == service);
        let contract = contract.ok_or_else(|| DocumentError::NoService {
            service: service.to_owned(),
            known: source.contracts.iter().map(|contract| contract.service).collect::<Vec<_>>().join(", "),
        })?;
        let not_wired = |what: &str| DocumentError::NotWired { service: service.to_owned(), what: what.to_owned() };
        let build = source.wiring.build(service).ok_or_else(|| not_wired("build"))?;
        let enver = |stage: Stage| source.wiring.at(service, stage).ok_or_else(|| not_wired(&format!("{stage} enver")));
        let envers = [enver(Stage::Mock)?, enver(Stage::Dev)?, enver(Stage::Main)?];
        let subject = Self { source, contract, build, envers, openapi: openapi::document(contract) };
        subject.check_flows()?;
        Ok(subject)
    }

    pub fn service(&self) -> &'static str {
        self.contract.service
    }

    /// `Booking`
    pub fn title(&self) -> String {
        let mut chars = self.service().chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
    }

    pub fn enver(&self, stage: Stage) -> &'a WiredEnver {
        match stage {
            Stage::Mock => self.envers[0],
            Stage::Dev => self.envers[1],
            Stage::Main => self.envers[2],
        }
    }

    pub fn upstreams(&self, stage: Stage) -> Vec<&'a Edge> {
        self.source.wiring.upstreams(&self.enver(stage).id).collect()
    }

    pub fn downstreams(&self, stage: Stage) -> Vec<&'a Edge> {
        self.source.wiring.consumers(&self.enver(stage).id).collect()
    }

    /// The service that runs in a build.
    pub fn service_of(&self, build: &str) -> &'static str {
        self.source.wiring.build(build).and_then(Build::service).unwrap_or("the platform")
    }

    /// What the code of the service says it is for.
    pub fn mission(&self) -> String {
        self.prose("lib").unwrap_or_else(|| self.build.description.to_owned())
    }

    /// What the code of an operation or consumer promises.
    pub fn promise(&self, id: &str, summary: &str) -> String {
        self.prose(&snake_case(id)).unwrap_or_else(|| format!("{summary}."))
    }

    /// Where the code of an operation or consumer is.
    pub fn file(&self, id: &str) -> String {
        format!("functions/{}/src/{}.rs", self.service(), snake_case(id))
    }

    /// Who may call an operation, as its published contract says it.
    pub fn callers(&self, operation: &OperationContract) -> String {
        let facts = operation.declaration;
        let published = &self.openapi["paths"][facts.path][facts.method.name().to_lowercase()]["description"];
        let who = published.as_str().unwrap_or_default().split("Emits `").next().unwrap_or_default();
        who.replace('\n', " ").trim().to_owned()
    }

    /// The lines a source begins with, as paragraphs.
    fn prose(&self, module: &str) -> Option<String> {
        let file = self.source.root.join(format!("functions/{}/src/{module}.rs", self.service()));
        let text = fs::read_to_string(file).ok()?;
        let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let mut prose = String::new();
        for line in lines {
            match (line.is_empty(), prose.ends_with("\n\n") || prose.is_empty()) {
                (true, _) => prose.push_str("\n\n"),
                (false, true) => prose.push_str(line),
                (false, false) => prose = format!("{prose} {line}"),
            }
        }
        Some(prose.trim().replace("[`", "`").replace("`]", "`")).filter(|prose| !prose.is_empty())
    }

    fn check_flows(&self) -> Result<(), DocumentError> {
        for flow in self.source.flows {
            for step in flow.steps.iter().filter(|step| step.service == self.service()) {
                let operations = self.contract.operations.iter().map(|operation| operation.declaration.id);
                let consumers = self.contract.consumers.iter().map(|consumer| consumer.declaration.id);
                let known: Vec<&str> = operations.chain(consumers).collect();
                if !known.contains(&step.operation.as_str()) {
                    return Err(DocumentError::Step {
                        step: flow.step_name(step),
                        service: step.service.clone(),
                        operation: step.operation.clone(),
                        mend: format!("its operations are {}", known.join(", ")),
                    });
                }
            }
        }
        Ok(())
    }
}

/// `createBooking` as `create_booking`.
pub(super) fn snake_case(id: &str) -> String {
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
