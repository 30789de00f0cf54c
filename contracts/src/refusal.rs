//! What can be wrong with declarations. Each message names both ends and what mends it.

use crate::{Artifact, Build, Consumer, Enver, RevisionError, Stage};

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An account every organisation has is missing.
    #[error("there is no account {0:?}: declare it, for the platform needs `central` and `workspace0`")]
    NoSuchStandardAccount(&'static str),
    /// An account has no usable name.
    #[error("the account {0:?} is neither central, networking nor workspace<number>: rename it")]
    AccountName(&'static str),
    /// An account has no usable id.
    #[error("the account {name} has the id {id:?}: an account id is twelve digits")]
    AccountId {
        /// Its name.
        name: &'static str,
        /// Its id.
        id: &'static str,
    },
    /// Two accounts share a name or an id.
    #[error("the accounts {first} and {second} share a name or an id: give each account one name and one id")]
    SameAccount {
        /// One, as `name (id)`.
        first: String,
        /// The other.
        second: String,
    },
    /// A build has no usable id.
    #[error("the build id {id:?} {why}: rename the build")]
    BuildId {
        /// The id.
        id: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Two builds, or the services of two builds, have one name.
    #[error("two builds are called {0}: rename one of them")]
    SameBuild(&'static str),
    /// A build stands nowhere.
    #[error("the build {0} has no enver: declare one, or remove the build")]
    NoEnver(&'static str),
    /// A build's repository is not declared.
    #[error(
        "the build {build} stands in the repository {repository}, which nobody declares: declare it, or name one of {known}"
    )]
    NoRepository {
        /// The build.
        build: &'static str,
        /// The repository it names.
        repository: &'static str,
        /// Those there are.
        known: String,
    },
    /// An enver's account is not declared.
    #[error("{enver} runs in the account {account}, which nobody declares: declare it, or name one of {known}")]
    NoAccount {
        /// The enver.
        enver: String,
        /// The account it names.
        account: &'static str,
        /// Those there are.
        known: String,
    },
    /// An enver's region is not one of the contracts library's.
    #[error(
        "{enver} runs in {region}, where these declarations have no enver: use {known}, or declare an enver of the contracts library in {region}"
    )]
    Region {
        /// The enver.
        enver: String,
        /// Its region.
        region: &'static str,
        /// Those there are.
        known: String,
    },
    /// A revision is not one.
    #[error("in the build {build}: {source}")]
    Revision {
        /// The build.
        build: String,
        /// What is wrong with it.
        source: RevisionError,
    },
    /// A clone is declared.
    #[error("{0} is a clone, and clones are not declared: they come and go with their branch")]
    DeclaredClone(String),
    /// Two envers of a build have one revision.
    #[error("the build {build} has two envers at {revision}: each revision has one")]
    SameRevision {
        /// The build.
        build: &'static str,
        /// The revision.
        revision: &'static str,
    },
    /// In one account and region the revision of an enver begins that of another.
    #[error(
        "{first} and {second} stand in one account and region, and the first value begins the second: rename one branch, or use another account"
    )]
    Prefix {
        /// The shorter.
        first: String,
        /// The longer.
        second: String,
    },
    /// The name of a stack cannot be one.
    #[error("{enver} would have the stack {stack}, which {why}: shorten or rename the build or the revision")]
    Stack {
        /// The enver.
        enver: String,
        /// The stack's name.
        stack: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A producer, child or consumer has no usable name.
    #[error("{build} declares the name {name:?}, which {why}: rename it")]
    Name {
        /// The build.
        build: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Two producers of a build have one name.
    #[error("{build} publishes two values as {name}: rename one of them")]
    SameProducer {
        /// The build.
        build: &'static str,
        /// The name.
        name: String,
    },
    /// Two consumers of a build have one name.
    #[error("{build} consumes two values as {name}: rename one of them")]
    SameConsumer {
        /// The build.
        build: &'static str,
        /// The name.
        name: &'static str,
    },
    /// Two consumers of a build use the same value.
    #[error("{build} consumes {producer} twice, as {first} and as {second}: keep one")]
    UsedTwice {
        /// The consuming build.
        build: &'static str,
        /// The producing end.
        producer: String,
        /// One name.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A build consumes itself.
    #[error("{consumer} consumes {producer} of its own build: use the value itself")]
    OwnBuild {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
    },
    /// The contracts library consumes something.
    #[error(
        "{consumer} of the contracts library consumes {producer}, and the library stands under everything: remove the consumer"
    )]
    LibraryConsumes {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
    },
    /// The web client is consumed.
    #[error(
        "{consumer} consumes {producer} of a web client, and services do not depend on what people see: have a service publish it"
    )]
    WebClientConsumed {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
    },
    /// Nobody publishes what is consumed.
    #[error("{consumer} consumes {producer}, which nobody publishes: declare the producer, or consume one of {known}")]
    NoProducer {
        /// The using end.
        consumer: String,
        /// The producing end that is not there.
        producer: String,
        /// What there is instead.
        known: String,
    },
    /// The kind of a document and what its consumer takes it for differ.
    #[error(
        "{consumer} takes {producer} for {wanted}, and it is {given}: change what the consumer wants, or what the producer publishes"
    )]
    Document {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
        /// What it is taken for.
        wanted: String,
        /// What it is.
        given: String,
    },
    /// An approval asks nobody.
    #[error("{consumer} of {producer} waits for an approval that no role can give: name a role, or trigger directly")]
    NobodyApproves {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
    },
    /// A default cannot stand in for the value.
    #[error("{consumer} falls back to {default:?} while {producer} is absent: {mend}")]
    Default {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
        /// The default.
        default: &'static str,
        /// What it must be.
        mend: &'static str,
    },
    /// The producing build has no enver to read from.
    #[error(
        "{consumer} finds no enver of {producer} to read from: declare one at the stage {stage} {kind}, or name one under `upstreams`"
    )]
    NoUpstream {
        /// The using end.
        consumer: String,
        /// The producing build.
        producer: &'static str,
        /// The stage.
        stage: Stage,
        /// Built from what.
        kind: &'static str,
    },
    /// The producing build has several envers to read from.
    #[error("{consumer} could read from {producer} at {found}: name one of them under `upstreams`")]
    SeveralUpstreams {
        /// The using end.
        consumer: String,
        /// The producing build.
        producer: &'static str,
        /// What was found.
        found: String,
    },
    /// A named upstream is not consumed at all.
    #[error(
        "{enver} names {upstream} under `upstreams` and consumes nothing of it: declare the consumer, or remove the name"
    )]
    IdleUpstream {
        /// The enver.
        enver: String,
        /// The upstream enver.
        upstream: String,
    },
    /// A later stage is read from.
    #[error(
        "{consumer} at the stage {from} reads forward from {producer} at {to}: read from the stage {from} (mock → dev → main)"
    )]
    Forward {
        /// The using end.
        consumer: String,
        /// Its stage.
        from: Stage,
        /// The producing end.
        producer: String,
        /// Its stage.
        to: Stage,
    },
    /// Production reads from what is not production.
    #[error(
        "{consumer} at main reads from {producer} at {to}, and main reads from main only: declare a main enver of the producer and read from it"
    )]
    MainReadsElsewhere {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
        /// Its stage.
        to: Stage,
    },
    /// A constellation reads from another.
    #[error(
        "{consumer} at {from} reads from {producer} at {to}, and a constellation is wired to itself: read from the {from} enver of the producer"
    )]
    OtherConstellation {
        /// The using end.
        consumer: String,
        /// Its stage.
        from: Stage,
        /// The producing end.
        producer: String,
        /// Its stage.
        to: Stage,
    },
    /// The two ends stand in different regions.
    #[error("{consumer} in {from} reads from {producer} in {to}: put both in one region")]
    Regions {
        /// The using end.
        consumer: String,
        /// Its region.
        from: &'static str,
        /// The producing end.
        producer: String,
        /// Its region.
        to: &'static str,
    },
    /// What never changes reads from what does.
    #[error("{consumer} is built from a tag and reads from {producer}, which is a branch's: read from a tag's enver")]
    TagReadsBranch {
        /// The using end.
        consumer: String,
        /// The producing end.
        producer: String,
    },
    /// Envers that wait for each other.
    #[error("nobody can start first: {0}. Give one of these consumers a `default_if_absent`")]
    Cycle(String),
    /// There is no enver to clone.
    #[error("there is no enver {origin} to clone: its build has {there}")]
    NoOrigin {
        /// What was to be cloned.
        origin: String,
        /// What there is.
        there: String,
    },
    /// The enver makes no clones.
    #[error("{origin} makes no clones, so {clone} cannot be one: clone an enver that is declared clonable")]
    NotClonable {
        /// What was to be cloned.
        origin: String,
        /// The revision of the clone.
        clone: String,
    },
}

impl Refusal {
    pub(crate) fn upstream(build: &Build, enver: &Enver, consumer: &Consumer, found: Vec<String>) -> Self {
        let end = format!("{}/{} ({})", build.id, enver.revision, consumer.name);
        if found.is_empty() {
            let kind = if enver.revision.starts_with('t') { "from a tag" } else { "from a branch" };
            return Self::NoUpstream { consumer: end, producer: consumer.build, stage: enver.stage, kind };
        }
        Self::SeveralUpstreams { consumer: end, producer: consumer.build, found: found.join(" and ") }
    }

    pub(crate) fn document(
        consumer: String,
        producer: String,
        wanted: Option<Artifact>,
        given: Option<Artifact>,
    ) -> Self {
        let say = |kind: Option<Artifact>| match kind {
            Some(kind) => format!("a document of the kind {}", kind.name()),
            None => "a plain value".to_owned(),
        };
        Self::Document { consumer, producer, wanted: say(wanted), given: say(given) }
    }
}
