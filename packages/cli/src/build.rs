//! `enver build lambda`: one zip per service, of the program that all its functions run, and one of the function that the
//! state machines of flows ask; the same input gives the same bytes.

mod foreign;
mod glibc;

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Args, Subcommand};
use contracts::Stage;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::deployments::{self, Architecture, Build, Deployments, DeploymentsError};
use crate::repository::{self, NoRepository};

/// What `enver build lambda --help` says at its end.
pub const HELP: &str = "\
The zip holds one file, bootstrap, without times and without the paths of this machine, so who builds the same sources with
the same toolchain gets the same digest. The infrastructure finds it in the artifact bucket of the enver as
code/<service>/<digest>.zip.

values is no service: the state machines of flows ask it for what they cannot compute. Its zip holds the entities of the
master dataset beside the program, so it runs in mock and dev and never in main.

Another processor than this machine's takes its standard library and a linker for it:
  rustup target add aarch64-unknown-linux-gnu && apt-get install gcc-aarch64-linux-gnu
A linker of another name is named in CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER, or in a configuration of cargo.

Examples:
  enver build lambda                                 every service, and values, for arm64
  enver build lambda booking --record dev            booking, as the build that dev runs from now on
  enver build lambda --architecture x86-64 --profile dev    quick and large, to try something

The runtime of the functions, provided.al2023, has glibc 2.34. A program that asks for a newer one is refused, as it would
not start: build where glibc is older, in a container of Amazon Linux 2023 for one.

Exit codes: 0 done, 1 a build failed, is too large or would not start, 2 the arguments are wrong or a file cannot be used.";

#[derive(Debug, Subcommand)]
pub enum Target {
    /// Builds the zips that the functions of AWS Lambda run
    #[command(after_help = HELP)]
    Lambda(Lambda),
}

#[derive(Debug, Args)]
pub struct Lambda {
    /// The services, or values; all without one
    #[arg(value_name = "SERVICE")]
    pub programs: Vec<String>,
    /// The processor it is for
    #[arg(long, value_enum, default_value_t = Architecture::Arm64)]
    pub architecture: Architecture,
    /// The profile of Cargo.toml it is built with
    #[arg(long, default_value = "deploy")]
    pub profile: String,
    /// Where the zips go; target/lambda in the repository without it
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Record it as the build that this enver runs
    #[arg(long, value_name = "ENVER", value_parser = recordable)]
    pub record: Option<Stage>,
    /// The root of the repository
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// This is no repository of services.
    #[error(transparent)]
    Repository(#[from] NoRepository),
    /// Nobody declares the service.
    #[error("there is no service {name:?}: there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What can be built.
        known: String,
    },
    /// What runs cannot be recorded.
    #[error(transparent)]
    Deployments(#[from] DeploymentsError),
    /// This machine cannot build for that processor.
    #[error(transparent)]
    Foreign(#[from] foreign::Lacking),
    /// The compiler could not be started.
    #[error("cargo could not be started: install Rust, then try again")]
    Cargo(#[source] io::Error),
    /// A file cannot be read or written.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// How it ends when nothing could be done, as wrong arguments do.
pub const NOT_DONE: u8 = 2;

/// Builds. The code is 0 when every zip is there and small enough.
pub fn run(Target::Lambda(options): &Target) -> Result<ExitCode, BuildError> {
    let root = repository::root(options.root.as_deref())?;
    let programs = chosen(&options.programs)?;
    let out = options.out.clone().unwrap_or_else(|| root.join("target/lambda"));
    fs::create_dir_all(&out).map_err(unusable(&out))?;
    let mut deployments = Deployments::read(&root.join("contracts"))?;
    for program in programs {
        let name = program.name;
        let Some(file) = compile(&root, &program, options)? else { return Ok(ExitCode::FAILURE) };
        let content = fs::read(&file).map_err(unusable(&file))?;
        if let Err(unfit) = glibc::check(&content) {
            eprintln!("{name} {unfit}");
            return Ok(ExitCode::FAILURE);
        }
        let path = out.join(format!("{name}.zip"));
        let zipped = zip(&file, program.beside.map(|folder| (root.as_path(), folder)), &path)?;
        println!("{}", zipped.line(name, options.architecture, &path));
        if zipped.unpacked > Zipped::MOST_UNPACKED {
            eprintln!("Lambda takes at most {} unpacked: build with --profile deploy.", size(Zipped::MOST_UNPACKED));
            return Ok(ExitCode::FAILURE);
        }
        if let Some(stage) = options.record {
            deployments.set(stage, name, Build { digest: zipped.digest, architecture: options.architecture });
        }
    }
    if let Some(stage) = options.record {
        let path = deployments.write(&root.join("contracts"))?;
        println!("{} says that {stage} runs this; `enver publish` tells the infrastructure.", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// What can be recorded without asking anybody.
fn recordable(name: &str) -> Result<Stage, String> {
    match crate::wiring::stage(name)? {
        Stage::Main => Err("main runs what dev ran: `enver promote SERVICE --from dev --to main`".to_owned()),
        stage => Ok(stage),
    }
}

/// A program that a zip is made of.
#[derive(Clone, Copy)]
struct Program {
    /// Of the zip, of what is recorded, and before the `-lambda` of the program.
    name: &'static str,
    /// The crate.
    package: &'static str,
    /// The folder of the repository that stands beside it in the zip.
    beside: Option<&'static str>,
}

/// What the state machines of flows ask.
const VALUES: Program = Program { name: deployments::VALUES, package: "bdd", beside: Some("mock-data/entities") };

/// The names of all services.
pub fn services() -> impl Iterator<Item = &'static str> {
    contracts::organisation().builds.iter().filter_map(|build| build.service())
}

/// The programs that are asked for.
fn chosen(wanted: &[String]) -> Result<Vec<Program>, BuildError> {
    let services = services().map(|service| Program { name: service, package: service, beside: None });
    let known: Vec<Program> = services.chain([VALUES]).collect();
    if wanted.is_empty() {
        return Ok(known);
    }
    let one = |wanted: &String| {
        let names = || known.iter().map(|program| program.name).collect::<Vec<_>>().join(", ");
        known
            .iter()
            .find(|known| known.name == wanted)
            .copied()
            .ok_or_else(|| BuildError::Unknown { name: wanted.clone(), known: names() })
    };
    wanted.iter().map(one).collect()
}

/// The file of a program; `None` when the compiler has said what is wrong.
fn compile(root: &Path, program: &Program, options: &Lambda) -> Result<Option<PathBuf>, BuildError> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--locked", "--package", program.package, "--features", "lambda"]);
    let file = format!("{}-lambda", program.name);
    cargo.args(["--bin", &file, "--profile", &options.profile]);
    // Said outright: whoever has set another folder for Cargo would get the program of an older build out of this one.
    let mut folder = root.join("target");
    cargo.arg("--target-dir").arg(&folder);
    if let Some(target) = options.architecture.foreign_target() {
        let variable = foreign::linker_variable(target);
        let (path, named) = (std::env::var_os("PATH").unwrap_or_default(), std::env::var(&variable).ok());
        let home = cargo_home();
        let here = foreign::Here { root, home: home.as_deref(), path: &path, linker: named.as_deref() };
        if let Some(linker) = foreign::linker(&here, target)? {
            cargo.env(variable, linker);
        }
        cargo.args(["--target", target]);
        folder.push(target);
    }
    let folder = folder.join(if options.profile == "dev" { "debug" } else { &options.profile });
    if options.profile != "dev" {
        cargo.env("RUSTFLAGS", remapped(root));
    }
    if !cargo.status().map_err(BuildError::Cargo)?.success() {
        eprintln!("{} could not be built: the compiler says why above.", program.name);
        return Ok(None);
    }
    let path = folder.join(&file);
    Ok(Some(if options.profile == "dev" { stripped(path) } else { path }))
}

/// A program with its debugging information is larger than Lambda takes: the same without, where this machine can do that.
fn stripped(program: PathBuf) -> PathBuf {
    let stripped = program.with_extension("stripped");
    let strip = Command::new("strip").arg("-o").arg(&stripped).arg(&program).status();
    if strip.is_ok_and(|strip| strip.success()) { stripped } else { program }
}

/// Zips the programs of the services that cargo left in a folder, and builds nothing.
pub fn zip_built(programs: &Path, out: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(out).map_err(unusable(out))?;
    for service in services() {
        let program = programs.join(format!("{service}-lambda"));
        fs::metadata(&program).map_err(unusable(&program))?;
        zip(&stripped(program), None, &out.join(format!("{service}.zip")))?;
    }
    Ok(())
}

/// The flags that keep the paths of this machine out of a program, beside those that are set already.
fn remapped(root: &Path) -> String {
    let mut flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    let _ = write!(flags, " --remap-path-prefix={}=/enver", root.display());
    if let Some(home) = cargo_home() {
        let _ = write!(flags, " --remap-path-prefix={}=/cargo", home.display());
    }
    flags
}

/// Where cargo keeps what is the user's.
fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

/// A zip that was written.
struct Zipped {
    digest: String,
    packed: u64,
    unpacked: u64,
}

impl Zipped {
    /// What Lambda takes of a function and its layers, unpacked.
    const MOST_UNPACKED: u64 = 250 * 1024 * 1024;

    fn line(&self, service: &str, architecture: Architecture, path: &Path) -> String {
        let (packed, unpacked) = (size(self.packed), size(self.unpacked));
        let architecture = architecture.name();
        format!(
            "{service:<10} {architecture:<7} {packed:>9} ({unpacked} unpacked)  {}  {}",
            self.digest,
            path.display()
        )
    }
}

/// Zips a program as `bootstrap`, and beside it the files of a folder below a root, in the order of their names. What is in
/// the file depends on their content alone; it is moved into place when whole.
fn zip(program: &Path, beside: Option<(&Path, &str)>, path: &Path) -> Result<Zipped, BuildError> {
    const PROGRAM: u32 = 0o755;
    const READABLE: u32 = 0o644;
    let mut files = vec![("bootstrap".to_owned(), program.to_owned(), PROGRAM)];
    if let Some((root, folder)) = beside {
        let place = root.join(folder);
        let entries: Vec<_> = fs::read_dir(&place).and_then(Iterator::collect).map_err(unusable(&place))?;
        let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
        files.extend(names.map(|name| (format!("{folder}/{name}"), place.join(name), READABLE)));
    }
    files.sort();
    let folder = path.parent().unwrap_or(Path::new("."));
    let staged = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(unusable(path))?;
    let mut writer = ZipWriter::new(staged);
    let mut unpacked = 0;
    for (name, file, mode) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(mode);
        let mut source = File::open(&file).map_err(unusable(&file))?;
        writer.start_file(name, options).map_err(|error| unusable(path)(error.into()))?;
        unpacked += io::copy(&mut source, &mut writer).map_err(unusable(path))?;
    }
    let mut staged = writer.finish().map_err(|error| unusable(path)(error.into()))?;
    let packed = staged.seek(SeekFrom::End(0)).map_err(unusable(path))?;
    staged.rewind().map_err(unusable(path))?;
    let digest = digest(&mut staged).map_err(unusable(path))?;
    staged.flush().map_err(unusable(path))?;
    staged.persist(path).map_err(|error| unusable(path)(error.error))?;
    Ok(Zipped { digest, packed, unpacked })
}

fn digest(file: &mut impl Read) -> io::Result<String> {
    const CHUNK: usize = 64 * 1024;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => digest.update(chunk.get(..read).unwrap_or_default()),
        }
    }
    Ok(digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn size(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_000_000.0)
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.display().to_string();
    |source| BuildError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_gives_the_same_zip_whenever_and_wherever_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("one"), other.path().join("two"));
        fs::write(&first, b"a program").unwrap();
        fs::write(&second, b"a program").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&second).unwrap().set_modified(long_ago).unwrap();

        let zipped = zip(&first, None, &folder.path().join("a.zip")).unwrap();
        let again = zip(&second, None, &other.path().join("b.zip")).unwrap();

        assert_eq!(zipped.digest, again.digest);
        assert_eq!(fs::read(folder.path().join("a.zip")).unwrap(), fs::read(other.path().join("b.zip")).unwrap());
        assert_eq!(zipped.unpacked, 9);
        fs::write(&second, b"another program").unwrap();
        assert_ne!(zip(&second, None, &other.path().join("b.zip")).unwrap().digest, zipped.digest);
    }

    #[test]
    fn the_zip_holds_one_file_that_can_be_run() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, b"a program").unwrap();
        zip(&program, None, &folder.path().join("a.zip")).unwrap();

        let mut archive = zip::ZipArchive::new(File::open(folder.path().join("a.zip")).unwrap()).unwrap();
        assert_eq!(archive.len(), 1);
        let mut file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(0o755));
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"a program");
    }
    #[test]
    fn what_stands_beside_a_program_changes_its_zip() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("mock-data/entities")).unwrap();
        let entity = |name: &str| root.path().join("mock-data/entities").join(name);
        let (program, path) = (root.path().join("program"), root.path().join("a.zip"));
        for (file, content) in [(&program, "a program"), (&entity("b.yaml"), "b"), (&entity("a.yaml"), "a")] {
            fs::write(file, content).unwrap();
        }

        let zipped = zip(&program, Some((root.path(), "mock-data/entities")), &path).unwrap();

        let archive = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        let names: Vec<_> = archive.file_names().collect();
        assert_eq!(names, ["bootstrap", "mock-data/entities/a.yaml", "mock-data/entities/b.yaml"]);
        assert_eq!(zipped.unpacked, 11);
        fs::write(entity("b.yaml"), "c").unwrap();
        assert_ne!(zip(&program, Some((root.path(), "mock-data/entities")), &path).unwrap().digest, zipped.digest);
    }
}
