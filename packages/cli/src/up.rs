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
use operation::Endpoint;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::arguments::{AWS_PORT_OFFSET, Enver, Up};
use crate::constellation::{Constellation, Log, StartError, now_millis};
use crate::demo;
use crate::ready::Ready;
use crate::reference::Reference;
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
    /// The demo tenant could not be made.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(UpError::Process)?;
    let done = runtime.block_on(up(options));
    // What still runs is a connection that was given its time; the cloud has written everything it acknowledged.
    runtime.shutdown_background();
    done
}

async fn up(options: Up) -> Result<(), UpError> {
    only_our_aws()?;
    let stopping = stop_on_signal().map_err(UpError::Process)?;
    let port = |offset| if options.port_base == 0 { 0 } else { options.port_base + offset };
    let api = listen(port(options.enver.port_offset())).await?;
    let aws_port = listen(port(AWS_PORT_OFFSET)).await?;
    let scheme = if options.tls { "https" } else { "http" };
    let (origin, aws_origin) = (address(scheme, &api)?, address("http", &aws_port)?);

    let places = Places::of(&options);
    let aws = match &places.data {
        Some(folder) => {
            make_private(folder)?;
            EmbeddedAws::open(folder)?
        }
        None => EmbeddedAws::ephemeral()?,
    };
    let tls = if options.tls { Some(Tls::prepare(places.data.as_deref())?) } else { None };
    let log = places.open_log()?;
    let environment = options.enver.environment();
    let constellation = Constellation::start(&aws, environment, origin.clone(), log).await?;
    let demo = match options.enver {
        Enver::Dev => demo::ensure(&constellation.services, places.enver.as_deref()).await?,
    };

    let endpoint: Arc<dyn Endpoint> = Arc::new(Reference::beside(constellation.services.clone(), environment));
    let api_stop = stopped(stopping.clone());
    let serving = match &tls {
        Some(tls) => tokio::spawn(serve_tls(endpoint, api, Arc::clone(&tls.server), Limits::default(), api_stop)),
        None => tokio::spawn(serve(endpoint, api, Limits::default(), api_stop)),
    };
    let aws_stop = stopped(stopping.clone());
    let aws_serving = tokio::spawn(async move { aws.serve(aws_port, aws_stop).await });
    answers(&origin, tls.as_ref()).await?;
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
        tls: tls.as_ref().map(|tls| (tls.authority.clone(), tls.fingerprint.clone())),
        now: now_millis(),
    };
    say(&ready.to_string());

    stopped(stopping).await;
    say("Stopping: requests in flight are answered first.\n");
    let _ = serving.await;
    constellation.stop().await;
    let _ = aws_serving.await;
    Ok(())
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
    fn of(options: &Up) -> Self {
        let data = (!options.ephemeral).then(|| options.data_dir.clone());
        let enver = data.as_ref().map(|data| data.join(options.enver.environment().name()));
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
fn stop_on_signal() -> io::Result<watch::Receiver<bool>> {
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

async fn stopped(mut stopping: watch::Receiver<bool>) {
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
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
