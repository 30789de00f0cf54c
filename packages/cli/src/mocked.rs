//! The mock constellation of `enver up`: services without logic and without a cloud, beside `dev` or alone.

use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use ::mock::{Constellation, Front, Outside, service_secret};
use cloud::Cloud;
use dataset::Published;
use embedded_aws::EmbeddedAws;
use host_native::Services;
use operation::{Endpoint, Environment, Hosted};
use policy::PLATFORM_TENANT;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use verify::Client;

use crate::arguments::Up;
use crate::constellation::{Log, now_millis, stopwatch};
use crate::demo::{self, Account, LogIn, TENANT};
use crate::messages;
use crate::reference::{PAGE, Reference};
use crate::secret;

/// Why the mock did not start.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    /// Contracts or data are wrong.
    #[error("the mock does not start: {} wrong in its contracts and data\n{}", counted(.0.len()), .0.join("\n"))]
    Data(Vec<String>),
    /// A queue could not be made.
    #[error("the queue {0} of the mock could not be made: {1}")]
    Queue(String, String),
    /// Its administrators could not be made.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// The secret of the services could not be kept.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
}

/// A mock that answers.
pub struct Mocked {
    /// Its services, and what stands before them.
    pub endpoint: Arc<dyn Endpoint>,
    constellation: Arc<Constellation>,
    services: Vec<&'static str>,
    demo: LogIn,
    platform: LogIn,
}

/// The most that SendMessageBatch takes.
const BATCH: usize = 10;
/// The password of everybody who is in a mock from the start. It keeps no secret, and tests may know it.
// enver:allow(hardcoded-secret) a mock keeps nothing that a password could protect
const PASSWORD: &str = "a mock keeps no secrets";

/// Reads contracts and data, mounts the services, and makes the administrators that `dev` has too. Their log-ins are kept
/// in `folder`, if there is one.
pub async fn start(options: &Up, log: Arc<Log>, folder: Option<&Path>) -> Result<Mocked, MockError> {
    sound(options, folder)?;
    let outside = Outside { clock: Arc::new(now_millis), stopwatch, observe: log };
    let (constellation, mounted) =
        Constellation::start(&options.mock_contracts, &options.mock_data, outside).map_err(MockError::data)?;
    let hosted: Vec<Arc<dyn Hosted>> = mounted.into_iter().map(|service| Arc::new(service) as _).collect();
    let services = hosted.iter().map(|service| service.name()).collect();
    let hosted = Arc::new(Services::new(Environment::Mock, hosted));
    let client = Client::of(hosted.clone());
    let signs = service_secret();
    if let Some(folder) = folder {
        secret::keep(&signs, folder)?;
    }
    let mut log_ins = Vec::new();
    for account in [Account::Demo, Account::Platform] {
        let log_in = demo::make(account, &client, &signs, PASSWORD.to_owned(), now_millis()).await?;
        if let Some(folder) = folder {
            demo::keep(account, &log_in, folder)?;
        }
        log_ins.push(log_in);
    }
    constellation.keep_as_start();
    let reference = Reference::beside(hosted, Environment::Mock);
    let endpoint = Arc::new(Front::before(Arc::new(reference), Arc::clone(&constellation)));
    let platform = log_ins.pop().unwrap_or_default();
    Ok(Mocked { endpoint, constellation, services, demo: log_ins.pop().unwrap_or_default(), platform })
}

impl Mocked {
    /// Sends what is emitted, from now on, to the queues of the mock in this cloud, as long as the process lives.
    pub async fn send_messages(&self, aws: &EmbeddedAws) -> Result<(), MockError> {
        const RECEIVES: u32 = 5;
        // More than this wait only if nobody takes them, while the process ends.
        const MOST_WAITING: usize = 10_000;
        let cloud = Cloud::new(&aws.unsigned_config(), Environment::Mock);
        let mut queues = Vec::new();
        for (name, kinds) in self.constellation.queues() {
            cloud.ensure_queue(&name, RECEIVES).await.map_err(|error| MockError::Queue(name.clone(), error.chain()))?;
            queues.push((cloud.queue(&name), kinds));
        }
        let (sender, mut events) = mpsc::channel::<Value>(MOST_WAITING);
        self.constellation.watch(move |event| drop(sender.try_send(event.clone())));
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while events.recv_many(&mut batch, BATCH).await > 0 {
                for (queue, kinds) in &queues {
                    let comes = |event: &&Value| kinds.iter().any(|kind| event["type"] == kind.as_str());
                    let bodies: Vec<String> = batch.iter().filter(comes).map(Value::to_string).collect();
                    if !bodies.is_empty() {
                        // The cloud of this process refuses only while it ends.
                        let _ = queue.send(&bodies).await;
                    }
                }
                batch.clear();
            }
        });
        Ok(())
    }

    /// What is printed when it answers at `origin`.
    pub fn ready(&self, origin: &str) -> String {
        Ready { mocked: self, origin }.to_string()
    }
}

struct Ready<'a> {
    mocked: &'a Mocked,
    origin: &'a str,
}

impl fmt::Display for Ready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mocked, origin } = self;
        writeln!(f, "The enver mock is up. It answers from contracts and data, and forgets at its end.\n")?;
        for service in &mocked.services {
            writeln!(f, "  {service:<8}  {origin}/{service}/v1  (reference: {origin}/{service}/{PAGE})")?;
        }
        writeln!(f, "  messages  {origin}{}, by queue {origin}/_mock/queues", messages::PATH)?;
        writeln!(f, "  control   curl -X POST {origin}/_mock/reset  (also snapshot, restore and clock)\n")?;
        writeln!(
            f,
            "Administrators: {} of tenant {TENANT} and {} of tenant {PLATFORM_TENANT}, both with password {PASSWORD:?};\n\
             or, without logging in, -H 'authorization: Bearer mock_auth_jwt_token_for_testing'\n",
            mocked.demo.email, mocked.platform.email
        )
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 thing is".to_owned() } else { format!("{count} things are") }
}

/// Whether the dataset keeps all its rules against the contracts. That takes longer than everything else of a start, so
/// what was found sound is remembered in `folder` by its digest.
fn sound(options: &Up, folder: Option<&Path>) -> Result<(), MockError> {
    let unreadable = |error: io::Error| MockError::data([format!("contracts and data cannot be read: {error}")]);
    for (root, option) in [(&options.mock_data, "--mock-data"), (&options.mock_contracts, "--mock-contracts")] {
        if !root.is_dir() {
            let missing = format!("{} is no folder: start in the repository, or name it with {option}", root.display());
            return Err(MockError::data([missing]));
        }
    }
    let mut digest = Sha256::new();
    for root in [&options.mock_data, &options.mock_contracts] {
        digested(root, &mut digest).map_err(unreadable)?;
    }
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let kept = folder.map(|folder| folder.join("sound"));
    if kept.as_ref().is_some_and(|kept| std::fs::read_to_string(kept).is_ok_and(|known| known == digest)) {
        return Ok(());
    }
    let published = Published::load(&options.mock_contracts).map_err(|error| MockError::data([error]))?;
    let report = dataset::check_folder(&options.mock_data, &published, Environment::Mock.name());
    if !report.problems.is_empty() {
        return Err(MockError::data(report.problems));
    }
    if let Some(kept) = kept {
        let part = kept.with_extension("part");
        std::fs::write(&part, digest).and_then(|()| std::fs::rename(&part, &kept)).map_err(unreadable)?;
    }
    Ok(())
}

/// Adds every file below a folder, with its name, in the order of their names.
fn digested(folder: &Path, digest: &mut Sha256) -> io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            digested(&path, digest)?;
        } else {
            let content = std::fs::read(&path)?;
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update(content.len().to_be_bytes());
            digest.update(content);
        }
    }
    Ok(())
}

impl MockError {
    fn data<P: fmt::Display>(problems: impl IntoIterator<Item = P>) -> Self {
        Self::Data(problems.into_iter().map(|problem| format!("  {problem}")).collect())
    }
}
