//! `enver verify`: holds a running deployment against its contract.

mod arguments;
mod deployment;
mod files;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use operation::Environment;
use tokio::sync::watch;
use verify::{Asking, Caller, Ended, Format, Manners, Plan, Report, Stage, Which};

use crate::arguments::{Enver, PORT_BASE};
use crate::deployed::{self, DeployedError};
use crate::kept::KeptError;
use crate::up::say;
pub use crate::verify::arguments::{HELP, Verify};
pub use crate::verify::deployment::{LogInFile, base36};
pub use crate::verify::files::{Contract, Dataset, UnusableFile};

/// The exit code when the deployment could not be asked.
pub const UNUSABLE: u8 = 2;

/// Why a deployment could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] UnusableFile),
    /// The address is none.
    #[error(transparent)]
    Url(#[from] verify::BadUrl),
    /// It cannot be asked.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The credentials are none.
    #[error("{option}: {source}")]
    Credentials {
        /// Which option gave them.
        option: &'static str,
        /// What is wrong with them.
        source: verify::BadCredentials,
    },
    /// A document that is not ours says nothing of where it is deployed.
    #[error("give the base URL of the deployment with --url")]
    NoUrl,
    /// There is no such operation.
    #[error("the contract has no operation {0}: --only takes operation ids")]
    NoOperation(String),
    /// The secret of the services cannot be read.
    #[error(transparent)]
    Secret(#[from] DeployedError),
    /// There is no such enver, so it has no secret.
    #[error("there is no enver {0}: --enver is dev or main where steps are --signed")]
    NoEnver(String),
    /// The report could not be written.
    #[error("{path} cannot be written")]
    Out {
        /// Where to.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is no runtime.
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
}

/// Verifies, reports, and says whether nothing was found.
pub fn run(options: &Verify) -> Result<ExitCode, VerifyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(VerifyError::Process)?;
    let report = runtime.block_on(verified(options))?;
    let text = report.written(options.report.into());
    match &options.out {
        Some(path) => {
            let out = |source| VerifyError::Out { path: path.display().to_string(), source };
            files::write_whole(path, &text).map_err(out)?;
            eprintln!("{}", report.summary());
        }
        None => say(&text),
    }
    let never_answered = report.operations.values().all(|operation| operation.statuses.is_empty());
    if matches!(report.ended, Ended::Unreachable(_)) && never_answered {
        return Ok(ExitCode::from(UNUSABLE));
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn verified(options: &Verify) -> Result<Report, VerifyError> {
    let contract = Contract::of(&options.target, &options.published)?;
    if let Some(unknown) = options.only.iter().find(|id| contract.api.operation(id).is_none()) {
        return Err(VerifyError::NoOperation(unknown.clone()));
    }
    let url = match (&options.url, &contract.service) {
        (Some(url), _) => url.clone(),
        (None, Some(_)) => options.kept.origin(PORT_BASE + Enver::Dev.port_offset()).await?,
        (None, None) => return Err(VerifyError::NoUrl),
    };
    let client = options.kept.client(&url)?;
    let client = match &options.messages {
        Some(messages) => client.with_messages_at(messages)?,
        None => client,
    };
    let manners = Manners {
        pause: options.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / f64::from(rate.get()))),
        patience: Duration::from_secs(options.patience),
    };
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = stop.send(true);
        }
        // The channel stays open: a closed one would say the same as one nobody stops.
        std::future::pending::<()>().await;
    });
    let mut asking = Asking::new(client, manners, stopping);
    const QUICK: (usize, usize) = (1, 12);
    let (valid, invalid) = if options.quick { QUICK } else { (options.valid, options.invalid) };
    let mut plan = Plan {
        seed: options.seed,
        valid,
        invalid,
        only: options.only.clone(),
        read_only: options.read_only,
        callers: credentials("--auth", &options.auth)?,
        others: credentials("--other-auth", &options.other_auth)?,
        good: Vec::new(),
    };

    let begun = Instant::now();
    let mut report = Report::begun(&contract.api, asking.client.base(), options.seed);
    let mut line = Line::begun();
    let dataset = match &contract.service {
        Some(service) if !options.no_dataset && !options.read_only => {
            Dataset::load(&options.dataset, &options.published)?.map(|dataset| (service, dataset))
        }
        _ => None,
    };
    let mut ended = Ok(());
    if let Some((service, dataset)) = dataset {
        let secret = match (options.signed, Environment::named(&options.enver)) {
            (false, _) => None,
            (true, Some(environment)) => Some(deployed::secret(environment).await?),
            (true, None) => return Err(VerifyError::NoEnver(options.enver.clone())),
        };
        let platform = LogInFile::read(options.platform.as_deref(), &options.kept.data_dir, &options.enver)?;
        let salt = base36(salt());
        // The second time the same people belong to another company: they may see nothing of the first.
        let quick = [("a", Which::Operations), ("b", Which::People)];
        let runs = if options.quick { quick } else { quick.map(|(of, _)| (of, Which::All)) };
        for (number, (of, which)) in runs.into_iter().enumerate() {
            let stage = Stage {
                dataset: dataset.dataset.clone(),
                published: dataset.published.clone(),
                service: service.clone(),
                which,
                run: format!("{salt}{of}"),
                enver: options.enver.clone(),
                platform: platform.clone(),
                secret,
            };
            let mut told =
                |flow: &dataset::Flow, step: &dataset::Step| line.show(&format!("{}: {}", flow.id, step.title));
            match stage.play(&contract.api, &mut asking, &mut report, &mut told).await {
                Ok(known) if number == 0 => {
                    plan.good = known.good;
                    plan.callers.extend(known.callers);
                }
                Ok(known) => plan.others.extend(known.callers),
                Err(how) => {
                    ended = Err(how);
                    break;
                }
            }
        }
    }
    let mut report = match ended {
        Ok(()) => {
            let mut told = |now: verify::Progress<'_>| {
                let found = if now.findings == 1 { "1 finding" } else { &format!("{} findings", now.findings) };
                let share = (now.done * 100.0).floor();
                line.show(&format!("{share:3}%  {}: {} requests, {found}", now.operation, now.requests));
            };
            verify::verify(&contract.api, &mut asking, &plan, report, &mut told).await
        }
        Err(how) => {
            report.ended = how;
            report
        }
    };
    line.clear();
    report.took_millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

fn credentials(option: &'static str, given: &[String]) -> Result<Vec<Caller>, VerifyError> {
    let mut callers = Vec::new();
    for (number, text) in given.iter().enumerate() {
        // `bearer:@FILE` keeps a token out of the list of processes.
        let text = match text.split_once(":@") {
            Some((kind, path)) => {
                let bytes = files::read(path.as_ref())?;
                format!("{kind}:{}", String::from_utf8_lossy(&bytes).trim())
            }
            None => text.clone(),
        };
        let mut caller = Caller::parse(&text).map_err(|source| VerifyError::Credentials { option, source })?;
        caller.name = format!("{} {}", option.trim_start_matches('-'), number + 1);
        callers.push(caller);
    }
    Ok(callers)
}

/// Something that no other run has: the moment it began.
pub fn salt() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl From<arguments::ReportFormat> for Format {
    fn from(format: arguments::ReportFormat) -> Self {
        match format {
            arguments::ReportFormat::Text => Self::Text,
            arguments::ReportFormat::Html => Self::Html,
            arguments::ReportFormat::Junit => Self::Junit,
            arguments::ReportFormat::Json => Self::Json,
        }
    }
}

/// One line on standard error that says how far it is, where somebody watches.
pub struct Line {
    watched: bool,
    shown: Option<Instant>,
}

impl Line {
    pub fn begun() -> Self {
        Self { watched: io::stderr().is_terminal(), shown: None }
    }

    pub fn show(&mut self, text: &str) {
        const OFTEN: Duration = Duration::from_millis(80);
        const WIDTH: usize = 100;
        if !self.watched || self.shown.is_some_and(|shown| shown.elapsed() < OFTEN) {
            return;
        }
        self.shown = Some(Instant::now());
        let mut line = String::from("\r\u{1b}[2K");
        let _ = write!(line, "{}", text.chars().take(WIDTH).collect::<String>());
        let mut err = io::stderr().lock();
        let _ = err.write_all(line.as_bytes()).and_then(|()| err.flush());
    }

    pub fn clear(&mut self) {
        if self.shown.is_some() {
            eprint!("\r\u{1b}[2K");
        }
    }
}
