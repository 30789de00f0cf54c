//! What a run is run against: an enver that lives as long as the run, or one that runs already.

use std::io;
use std::sync::Arc;

use bdd::{Target, run_name};
use bytes::Bytes;
use dataset::LogIn;
use embedded_aws::EmbeddedAws;
use host_native::{Limits, serve};
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH};
use http::{HeaderValue, Request, request};
use observability::{Level, Lines};
use operation::{BoxError, Endpoint, Environment};
use policy::PLATFORM_TENANT;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use verify::{BadUrl, Client};

use super::{Run, Runner};
use crate::arguments::Enver;
use crate::constellation::{Constellation, StartError};
use crate::demo::{self, Account};
use crate::deployed::{self, DeployedError};
use crate::kept::KeptError;
use crate::secret;
use crate::verify::{LogInFile, UnusableFile};

/// Why there is nothing to run against.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address is none.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// Nothing answers there.
    #[error(
        "no {enver} answers at {url}: `enver up --enver mock,dev` starts one; if it runs elsewhere, say so with --port-base or --url"
    )]
    Silent {
        /// What was looked for.
        enver: &'static str,
        /// Where.
        url: String,
        /// What came instead.
        source: BoxError,
    },
    /// The log-in of the platform's administrator is not known.
    #[error(
        "there is no log-in of the platform's administrator in {0}: name the folder of `enver up` with --data-dir, or a \
         file with --platform"
    )]
    NoLogIn(String),
    /// A file holds no log-in.
    #[error(transparent)]
    LogIn(#[from] UnusableFile),
    /// A file holds no secret.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// It cannot be asked.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The secret of the services cannot be read.
    #[error(transparent)]
    Deployed(#[from] DeployedError),
    /// The cloud could not be opened.
    #[error(transparent)]
    Cloud(#[from] embedded_aws::OpenError),
    /// The services could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The platform's administrator could not be made.
    #[error(transparent)]
    Account(#[from] demo::DemoError),
    /// No port is free, or the secret of the services cannot be read.
    #[error("the enver could not be set up: {0}")]
    SetUp(String),
}

/// What is run against.
pub struct Running {
    /// How it is asked.
    pub target: Target,
    own: Option<Own>,
}

/// An enver that was started for the run.
struct Own {
    constellation: Constellation,
    serving: Option<(oneshot::Sender<()>, tokio::task::JoinHandle<()>)>,
    /// The cloud ends when nobody holds it.
    _aws: EmbeddedAws,
}

impl Running {
    /// Starts an enver, or finds the one that runs.
    pub async fn start(options: &Run) -> Result<Self, TargetError> {
        match (&options.url, options.enver) {
            (None, None) => own(options.runner).await,
            (Some(url), enver) => remote(options, url, enver.unwrap_or(Enver::Dev)).await,
            (None, Some(enver)) => {
                let url = options.kept.origin(options.port_base + enver.port_offset()).await?;
                remote(options, &url, enver).await
            }
        }
    }

    /// Ends what was started.
    pub async fn stop(self) {
        let Some(own) = self.own else { return };
        if let Some((stop, serving)) = own.serving {
            let _ = stop.send(());
            let _ = serving.await;
        }
        own.constellation.stop().await;
    }
}

async fn remote(options: &Run, url: &str, enver: Enver) -> Result<Running, TargetError> {
    let client = options.kept.client(url)?;
    let client = match &options.messages {
        Some(messages) => client.with_messages_at(messages)?,
        None => client,
    };
    let environment = enver.environment();
    let enver = environment.name();
    let folder = options.kept.data_dir.join(enver);
    is_there(&client).await.map_err(|source| TargetError::Silent { enver, url: client.base().to_owned(), source })?;
    let platform = LogInFile::read(options.platform.as_deref(), &options.kept.data_dir, enver)?
        .ok_or_else(|| TargetError::NoLogIn(folder.display().to_string()))?;
    let secret = match options.signed {
        true => Some(deployed::secret(environment).await?),
        false => secret::read(options.service_secret.as_deref(), &folder)?,
    };
    let target = Target {
        name: client.base().to_owned(),
        enver: enver.to_owned(),
        client,
        platform: Some(platform),
        secret,
        run: run_name(),
    };
    Ok(Running { target, own: None })
}

/// Whether somebody answers there, whatever they make of this path.
async fn is_there(client: &Client) -> Result<(), BoxError> {
    client.send(Request::get("/health").body(Bytes::new())?).await?;
    Ok(())
}

async fn own(runner: Runner) -> Result<Running, TargetError> {
    let set_up = |why: String| TargetError::SetUp(why);
    let aws = EmbeddedAws::ephemeral()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| set_up(error.to_string()))?;
    let address = listener.local_addr().map_err(|error| set_up(error.to_string()))?;
    let origin = format!("http://{address}");
    let log = Arc::new(Lines::new(Box::new(io::sink()) as _, Level::Info));
    let constellation = Constellation::start(&aws, Environment::Dev, origin.clone(), log).await?;
    let services: Arc<dyn Endpoint> = constellation.services.clone();
    let made = demo::ensure(Account::Platform, &Client::of(services), &constellation.secrets, None).await;
    let log_in = made?;
    let secret = constellation.secrets.service().await.map_err(|error| set_up(error.chain()))?;
    let services = Arc::clone(&constellation.services);
    let endpoint: Arc<dyn Endpoint> = Arc::new(constellation.messages.beside(services, Environment::Dev));
    // State machines ask over the network; features need none.
    let (client, serving) = match runner {
        Runner::Native => (Client::of(endpoint), None),
        Runner::StepFunctions => {
            let (stop, stopped) = oneshot::channel::<()>();
            let stopped = async move {
                let _ = stopped.await;
            };
            let serving = tokio::spawn(serve(endpoint, listener, Limits::default(), stopped));
            (Client::remote(&origin)?, Some((stop, serving)))
        }
    };
    let platform = LogIn { email: log_in.email, password: log_in.password };
    hash_cheaply(&client, &platform).await.map_err(|error| set_up(error.to_string()))?;
    let enver = Environment::Dev.name().to_owned();
    let target =
        Target { name: enver.clone(), enver, client, platform: Some(platform), secret: Some(secret), run: run_name() };
    Ok(Running { target, own: Some(Own { constellation, serving, _aws: aws }) })
}

/// Lets passwords cost as little as may be configured: whoever a run makes is gone with it, and hashing their passwords
/// would take most of its time.
async fn hash_cheaply(client: &Client, platform: &LogIn) -> Result<(), BoxError> {
    const PASSWORDS: &str = "/config/v1/documents/services.auth.dev.technical.passwords";
    let log_in = json!({ "tenantId": PLATFORM_TENANT, "email": platform.email, "password": platform.password });
    let tokens = json_of(client, Request::post("/auth/v1/login"), Some(&log_in)).await?.0;
    let token = tokens["data"]["accessToken"].as_str().ok_or("a log-in without a token")?;
    let as_platform = |request: request::Builder| request.header(AUTHORIZATION, format!("Bearer {token}"));
    let (mut document, tag) = json_of(client, as_platform(Request::get(PASSWORDS)), None).await?;
    let mut value = document["data"]["value"].take();
    for (cost, least) in [("memoryKib", 128), ("iterations", 1), ("lanes", 1)] {
        value[cost] = least.into();
    }
    let change = json!({ "value": value, "reason": "people of this run last as long as it does" });
    let put = as_platform(Request::put(PASSWORDS)).header(IF_MATCH, tag.ok_or("a document without its version")?);
    json_of(client, put, Some(&change)).await.map(drop)
}

/// The body of an answer that is a success, and its `ETag`.
async fn json_of(
    client: &Client,
    request: request::Builder,
    body: Option<&Value>,
) -> Result<(Value, Option<HeaderValue>), BoxError> {
    let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
    let answer = client.send(request.header(CONTENT_TYPE, "application/json").body(body)?).await?.response;
    if !answer.status().is_success() {
        return Err(format!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body())).into());
    }
    Ok((serde_json::from_slice(answer.body())?, answer.headers().get(ETAG).cloned()))
}
