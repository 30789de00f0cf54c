//! `enver up`: opens the cloud, starts the services, says so when they answer, and ends without losing anything.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use embedded_aws::{EmbeddedAws, OpenError, refuse_non_loopback};
use host_native::{Limits, serve, serve_tls};
use observability::{Level, Lines};
use operation::{Endpoint, Environment};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use verify::Client;

use crate::arguments::{AWS_PORT_OFFSET, Enver, Up};
use crate::constellation::{Constellation, Log, StartError, now_millis};
use crate::demo::{self, Account};
use crate::mocked::{self, MockError, Mocked};
use crate::ready::Ready;
use crate::reference::Reference;
use crate::secret;
use crate::tls::{Tls, TlsError};

/// Why the enver did not come up.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    /// The process is told to use an AWS that is not here.
    #[error("{variable} is set, and this command reaches no other AWS than its own: unset it")]
    Endpoint {
        /// The environment variable.
        variable: String,
        /// Which endpoint.
        source: embedded_aws::NotLoopback,
    },
    /// Somebody listens there already.
    #[error("port {0} is taken: stop what listens there, or choose others with --port-base")]
    PortTaken(u16),
    /// The port cannot be listened on for another reason.
    #[error("port {port} cannot be listened on")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The data directory or a file in it cannot be used.
    #[error("{path} cannot be used")]
    Folder {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The cloud could not be opened.
    #[error(transparent)]
    Cloud(#[from] OpenError),
    /// The services could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The administrators of the demo tenant and of the platform could not be made.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// The secret of the services could not be kept.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// The services have no secret.
    #[error("the secret of the services is not there: {0}")]
    NoSecret(String),
    /// The mock could not be started.
    #[error(transparent)]
    Mock(#[from] MockError),
    /// There is no certificate to serve HTTPS with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no runtime, or no signals.
    #[error("the process could not be set up")]
    Process(#[source] io::Error),
    /// The services listen but do not answer.
    #[error("{0} does not answer")]
    Silent(String),
}

/// Runs until a signal.
pub fn run(options: Up) -> Result<(), UpError> {
    // One more thread owns the tables and is busy whenever the others are: they would only take its core away.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = cores.saturating_sub(1).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(UpError::Process)?;
    let done = runtime.block_on(up(options));
    // What still runs is a connection that was given its time; the cloud has written everything it acknowledged.
    runtime.shutdown_background();
    done
}

async fn up(options: Up) -> Result<(), UpError> {
    only_our_aws()?;
    let stopping = stop_on_signal().map_err(UpError::Process)?;
    let ports = Ports::listen(&options).await?;
    let data = (!options.ephemeral).then_some(options.data_dir.as_path());
    if let Some(folder) = data {
        make_private(folder)?;
    }
    let tls = if options.tls { Some(Tls::prepare(data)?) } else { None };
    let mut running = Running { tls, stopping: stopping.clone(), serving: Vec::new(), cloud: None };
    let mut text = String::new();

    let mocked = match ports.mock {
        Some(port) => {
            let (mocked, origin) = start_mock(&options, port, &mut running).await?;
            text.push_str(&mocked.ready(&origin));
            Some(mocked)
        }
        None => None,
    };
    let constellation = match ports.dev {
        Some((port, aws_port)) => {
            let (constellation, ready) = start_dev(&options, port, aws_port, mocked.as_ref(), &mut running).await?;
            text.push_str(&ready.to_string());
            Some(constellation)
        }
        None => None,
    };
    say(&format!("{text}Ready. Ctrl-C stops.\n"));

    stopped(stopping).await;
    say("Stopping: requests in flight are answered first.\n");
    for serving in running.serving {
        let _ = serving.await;
    }
    if let Some(constellation) = constellation {
        constellation.stop().await;
    }
    if let Some(cloud) = running.cloud {
        let _ = cloud.await;
    }
    Ok(())
}

/// Where everything will listen: bound before anything is made, so that a taken port is told first.
struct Ports {
    mock: Option<TcpListener>,
    /// The services, and the AWS under them.
    dev: Option<(TcpListener, TcpListener)>,
}

impl Ports {
    async fn listen(options: &Up) -> Result<Self, UpError> {
        let port = |offset| if options.port_base == 0 { 0 } else { options.port_base + offset };
        let mock = match options.starts(Enver::Mock) {
            true => Some(listen(port(Enver::Mock.port_offset())).await?),
            false => None,
        };
        let dev = match options.starts(Enver::Dev) {
            true => Some((listen(port(Enver::Dev.port_offset())).await?, listen(port(AWS_PORT_OFFSET)).await?)),
            false => None,
        };
        Ok(Self { mock, dev })
    }
}

/// What listens until it is told to stop: the services of the envers, and the cloud, which ends after them.
struct Running {
    tls: Option<Tls>,
    stopping: watch::Receiver<bool>,
    serving: Vec<JoinHandle<()>>,
    cloud: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Where something on that listener is found.
    fn origin(&self, listener: &TcpListener) -> Result<String, UpError> {
        address(if self.tls.is_some() { "https" } else { "http" }, listener)
    }

    /// Serves until the end; returns when it answers.
    async fn serve(&mut self, endpoint: Arc<dyn Endpoint>, listener: TcpListener) -> Result<(), UpError> {
        let origin = self.origin(&listener)?;
        let stop = stopped(self.stopping.clone());
        self.serving.push(match &self.tls {
            Some(tls) => tokio::spawn(serve_tls(endpoint, listener, Arc::clone(&tls.server), Limits::default(), stop)),
            None => tokio::spawn(serve(endpoint, listener, Limits::default(), stop)),
        });
        answers(&origin, self.tls.as_ref()).await
    }
}

async fn start_mock(options: &Up, port: TcpListener, running: &mut Running) -> Result<(Mocked, String), UpError> {
    let places = Places::of(options, Enver::Mock);
    let mocked = mocked::start(options, places.open_log()?, places.enver.as_deref()).await?;
    let origin = running.origin(&port)?;
    running.serve(Arc::clone(&mocked.endpoint), port).await?;
    Ok((mocked, origin))
}

async fn start_dev(
    options: &Up,
    port: TcpListener,
    aws_port: TcpListener,
    mocked: Option<&Mocked>,
    running: &mut Running,
) -> Result<(Constellation, Ready), UpError> {
    let (origin, aws_origin) = (running.origin(&port)?, address("http", &aws_port)?);
    let places = Places::of(options, Enver::Dev);
    let aws = match &places.data {
        Some(folder) => EmbeddedAws::open(folder)?,
        None => EmbeddedAws::ephemeral()?,
    };
    let log = places.open_log()?;
    let environment = Environment::Dev;
    let constellation = Constellation::start(&aws, environment, origin.clone(), log).await?;
    if let Some(mocked) = mocked {
        mocked.send_messages(&aws).await?;
    }
    let (secrets, folder) = (&constellation.secrets, places.enver.as_deref());
    let services = Client::of(constellation.services.clone());
    let demo = demo::ensure(Account::Demo, &services, secrets, folder).await?;
    let platform = demo::ensure(Account::Platform, &services, secrets, folder).await?;
    if let Some(folder) = folder {
        let signs = secrets.service().await.map_err(|error| UpError::NoSecret(error.chain()))?;
        secret::keep(&signs, folder)?;
    }

    let reference = Arc::new(Reference::beside(constellation.services.clone(), environment));
    running.serve(Arc::new(constellation.messages.beside(reference, environment)), port).await?;
    let aws_stop = stopped(running.stopping.clone());
    running.cloud = Some(tokio::spawn(async move { aws.serve(aws_port, aws_stop).await }));
    let ready = Ready {
        enver: environment.name(),
        origin,
        aws: aws_origin,
        services: constellation.services.iter().map(|service| service.name()).collect(),
        data: places.data,
        log: match places.log {
            Some(file) => format!("in {}", file.display()),
            None if places.to_terminal => "on standard error".to_owned(),
            None => "nowhere (--logs shows them)".to_owned(),
        },
        demo,
        platform,
        tls: running.tls.as_ref().map(|tls| (tls.authority.clone(), tls.fingerprint.clone())),
        now: now_millis(),
    };
    Ok((constellation, ready))
}

/// Refuses the SDKs' own variables when they name an AWS elsewhere: whoever set them expects it to be used.
fn only_our_aws() -> Result<(), UpError> {
    for (variable, value) in
        std::env::vars().filter(|(name, value)| name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty())
    {
        refuse_non_loopback(&value).map_err(|source| UpError::Endpoint { variable, source })?;
    }
    Ok(())
}

async fn listen(port: u16) -> Result<TcpListener, UpError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => UpError::PortTaken(port),
        _ => UpError::Port { port, source },
    })
}

fn address(scheme: &str, listener: &TcpListener) -> Result<String, UpError> {
    Ok(format!("{scheme}://{}", listener.local_addr().map_err(UpError::Process)?))
}

/// Where files stand. All are `None` when nothing is kept.
struct Places {
    data: Option<PathBuf>,
    enver: Option<PathBuf>,
    log: Option<PathBuf>,
    /// Log lines go to standard error instead.
    to_terminal: bool,
}

impl Places {
    fn of(options: &Up, enver: Enver) -> Self {
        let data = (!options.ephemeral).then(|| options.data_dir.clone());
        let enver = data.as_ref().map(|data| data.join(enver.environment().name()));
        let log = enver.as_ref().filter(|_| !options.logs).map(|enver| enver.join("log.jsonl"));
        Self { data, enver, log, to_terminal: options.logs }
    }

    /// The log of this run; that of the run before is kept beside it.
    fn open_log(&self) -> Result<Arc<Log>, UpError> {
        if let Some(folder) = &self.enver {
            make_private(folder)?;
        }
        let sink: Box<dyn Write + Send> = match &self.log {
            Some(file) => match std::fs::rename(file, file.with_file_name("log.previous.jsonl")) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(file)(error)),
                _ => Box::new(File::create(file).map_err(unusable(file))?),
            },
            None if self.to_terminal => Box::new(io::stderr()),
            None => Box::new(io::sink()),
        };
        Ok(Arc::new(Lines::new(sink, Level::Info)))
    }
}

/// Makes a folder that only its owner can look into: keys and passwords are in it.
fn make_private(folder: &Path) -> Result<(), UpError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable(folder))
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> UpError {
    let path = path.display().to_string();
    |source| UpError::Folder { path, source }
}

/// Becomes true at the first SIGINT or SIGTERM; the second ends the process as it would have without us.
pub fn stop_on_signal() -> io::Result<watch::Receiver<bool>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        const KILLED: [i32; 2] = [130, 143];
        for first in [true, false] {
            let code = tokio::select! {
                _ = interrupt.recv() => KILLED[0],
                _ = terminate.recv() => KILLED[1],
            };
            if first {
                let _ = stop.send(true);
            } else {
                std::process::exit(code);
            }
        }
    });
    Ok(stopping)
}

/// Waits for that signal.
pub async fn stopped(mut stopping: watch::Receiver<bool>) {
    // The sender lives as long as the process listens to signals; without it, there is nothing left to wait for.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Asks over the network, as a caller does.
async fn answers(origin: &str, tls: Option<&Tls>) -> Result<(), UpError> {
    const WAIT: Duration = Duration::from_secs(10);
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    let ask = async {
        let socket = TcpStream::connect(authority).await?;
        match tls {
            Some(tls) => is_healthy(tls.connect(socket).await?, authority).await,
            None => is_healthy(socket, authority).await,
        }
    };
    match tokio::time::timeout(WAIT, ask).await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(UpError::Silent(origin.to_owned())),
    }
}

async fn is_healthy(mut socket: impl AsyncRead + AsyncWrite + Unpin, authority: &str) -> io::Result<bool> {
    let request = format!("GET /health HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await?;
    Ok(answer.starts_with(b"HTTP/1.1 200 "))
}

/// Prints, whether or not anybody still reads.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
