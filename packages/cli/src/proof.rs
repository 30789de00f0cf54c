//! `enver loop`: two deployments of a service, asked the same, answer the same.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::watch;
use verify::{Asking, Effort, Halt, Leeway, Manners, Script, Secrets, Side, prove, told};

use crate::arguments::{Enver, PORT_BASE};
use crate::kept::Kept;
use crate::up::say;
use crate::verify::{Contract, Dataset, Line, LogInFile, UnusableFile, VerifyError, base36, salt};

pub const HELP: &str = "\
Examples:
  enver up --enver mock,dev                both, then in another terminal:
  enver loop booking
  enver loop booking --sequences 10000     the long run
  enver loop booking --sequences 1 --seed 4711

Both sides begin alike: fresh, or with the same behind them, because versions of the platform's documents and limits of
calls are each side's own. Sequences raise those limits and leave them raised.

Exit codes: 0 no difference, 1 a difference or stopped early, 2 a file or a side cannot be used.";

#[derive(Debug, Args)]
pub struct Loop {
    /// The service: config, auth or booking
    pub service: String,
    /// How many sequences are played
    #[arg(long, value_name = "N", default_value = "50")]
    pub sequences: NonZeroUsize,
    /// The first seed; each sequence has the next one
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many moves follow the flow that a sequence begins with
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub moves: usize,
    /// Where the one answers: the mock [default: port 4100 of this machine]
    #[arg(long, value_name = "URL")]
    pub left: Option<String>,
    /// Where the other answers: the real service [default: port 4200 of this machine]
    #[arg(long, value_name = "URL")]
    pub right: Option<String>,
    /// What the one is: its name in reports and its folder in the data directory
    #[arg(long, value_name = "NAME", default_value = "mock")]
    pub left_enver: String,
    /// What the other is
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub right_enver: String,
    /// The log-in of the one's platform administrator, as JSON with email and password [default: platform.json in its
    /// folder of the data directory]
    #[arg(long, value_name = "FILE")]
    pub left_platform: Option<PathBuf>,
    /// The log-in of the other's platform administrator
    #[arg(long, value_name = "FILE")]
    pub right_platform: Option<PathBuf>,
    /// A property whose number a business rule computes and the one only has of the right type; may be given again
    #[arg(long, value_name = "NAME")]
    pub computed: Vec<String>,
    /// The published contracts of the services
    #[arg(long, value_name = "DIR", default_value = "contracts/published/dev")]
    pub published: PathBuf,
    /// The master dataset
    #[arg(long, value_name = "DIR", default_value = "mock-data")]
    pub dataset: PathBuf,
    #[command(flatten)]
    pub kept: Kept,
}

/// Plays, and says whether no difference was found.
pub fn run(options: &Loop) -> Result<ExitCode, VerifyError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(VerifyError::Process)?;
    runtime.block_on(proven(options))
}

async fn proven(options: &Loop) -> Result<ExitCode, VerifyError> {
    let contract = Contract::of(&options.service, &options.published)?;
    let nothing = || UnusableFile::Nothing {
        target: options.service.clone(),
        published: options.published.display().to_string(),
        known: "those that `enver publish` wrote".to_owned(),
    };
    let service = contract.service.clone().ok_or_else(nothing)?;
    let dataset = Dataset::load(&options.dataset, &options.published)?;
    let dataset =
        dataset.ok_or_else(|| UnusableFile::Dataset(format!("{} is no folder", options.dataset.display())))?;
    let (stop, stopping) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = stop.send(true);
        }
        std::future::pending::<()>().await;
    });
    let side = async |name: &str, url: Option<&String>, usual: Enver, platform: Option<&PathBuf>| {
        let platform = LogInFile::read(platform.map(PathBuf::as_path), &options.kept.data_dir, name)?;
        let url = match url {
            Some(url) => url.clone(),
            None => options.kept.origin(PORT_BASE + usual.port_offset()).await?,
        };
        let asking = Asking::new(options.kept.client(&url)?, Manners::default(), stopping.clone());
        Ok::<_, VerifyError>(Side { name: name.to_owned(), asking, platform, secret: None })
    };
    let mut sides = [
        side(&options.left_enver, options.left.as_ref(), Enver::Mock, options.left_platform.as_ref()).await?,
        side(&options.right_enver, options.right.as_ref(), Enver::Dev, options.right_platform.as_ref()).await?,
    ];
    let leeway = Leeway {
        computed: options.computed.iter().cloned().collect(),
        fixed: verify::enumerated(&contract.api),
        sides: Some([options.left_enver.clone(), options.right_enver.clone()]),
    };
    let script = Script { api: contract.api, dataset: dataset.dataset, published: dataset.published, service, leeway };
    let effort =
        Effort { seed: options.seed, sequences: options.sequences.get(), moves: options.moves, ..Effort::default() };

    let begun = Instant::now();
    let mut line = Line::begun();
    let mut played = (0, 0);
    let mut progress = |proof: &verify::Proof| {
        played = (proof.sequences, proof.moves);
        line.show(&format!(
            "{} of {} sequences, {} moves: no difference",
            proof.sequences, effort.sequences, proof.moves
        ));
    };
    let proof = prove(&script, &mut sides, &effort, &base36(salt()), &mut progress).await;
    line.clear();
    let took = begun.elapsed();
    match proof {
        Ok(proof) => Ok(reported(&sides, &proof, &options.service, took)),
        Err(Halt::Stopped) => {
            say(&format!("{} sequences, {} moves: no difference so far; stopped\n", played.0, played.1));
            Ok(ExitCode::FAILURE)
        }
        Err(Halt::Limited(wait)) => {
            eprintln!("enver: a side answers 429 and wants to be left alone for {} s", wait.as_secs());
            Ok(ExitCode::from(crate::verify::UNUSABLE))
        }
        Err(Halt::Silent(unreachable)) => {
            eprintln!("enver: {}: `enver up --enver mock,dev` starts both", crate::with_causes(&unreachable));
            Ok(ExitCode::from(crate::verify::UNUSABLE))
        }
    }
}

fn reported(sides: &[Side; 2], proof: &verify::Proof, service: &str, took: Duration) -> ExitCode {
    let Some(difference) = &proof.difference else {
        let (sequences, moves, seconds) = (proof.sequences, proof.moves, took.as_secs_f64());
        say(&format!("{sequences} sequences, {moves} moves in {seconds:.1} s: no difference\n"));
        return ExitCode::SUCCESS;
    };
    say(&told(sides, &difference.played, Secrets::Masked));
    say(&format!(
        "\n{} and {} differ: the sequence of seed {} had {} moves, {} of them are enough.\n\
         Play it again: enver loop {service} --sequences 1 --seed {}\n",
        sides[0].name,
        sides[1].name,
        difference.seed,
        difference.moves,
        difference.played.pairs.len(),
        difference.seed,
    ));
    ExitCode::FAILURE
}
