//! Rules of each declaration by itself, and of declarations beside each other.

use crate::grammar::{begins_with_a_region, is_id, is_name};
use crate::{
    Account, BOOTSTRAP, Build, Child, Consumer, Enver, Kind, Organisation, PINNED, Refusal, Revision, Stage, Trigger,
    Wants, stack_name,
};

/// What is wrong before anything is wired.
pub(crate) fn declarations(organisation: &Organisation) -> Vec<Refusal> {
    let mut refusals = accounts(organisation.accounts);
    for (place, build) in organisation.builds.iter().enumerate() {
        let rest = &organisation.builds[place + 1..];
        refusals.extend(identity(organisation, build, rest));
        refusals.extend(build.envers.iter().flat_map(|enver| place_of(organisation, build, enver)));
        refusals.extend(revisions(build));
        refusals.extend(producers(build));
        refusals.extend(consumers(organisation, build));
    }
    refusals
}

fn accounts(accounts: &'static [Account]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for name in [Account::CENTRAL, Account::WORKSPACE0] {
        if !accounts.iter().any(|account| account.name == name) {
            refusals.push(Refusal::NoSuchStandardAccount(name));
        }
    }
    for (place, account) in accounts.iter().enumerate() {
        if !account.is_well_named() {
            refusals.push(Refusal::AccountName(account.name));
        }
        if !account.has_an_id() {
            refusals.push(Refusal::AccountId { name: account.name, id: account.id });
        }
        let same = |other: &&Account| other.name == account.name || other.id == account.id;
        if let Some(other) = accounts[place + 1..].iter().find(same) {
            let say = |account: &Account| format!("{} ({})", account.name, account.id);
            refusals.push(Refusal::SameAccount { first: say(account), second: say(other) });
        }
    }
    refusals
}

fn identity(organisation: &Organisation, build: &Build, later: &[Build]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(why) = wrong_id(organisation, build) {
        refusals.push(Refusal::BuildId { id: build.id, why });
    }
    let named =
        |other: &&Build| other.id == build.id || (build.service().is_some() && other.service() == build.service());
    if later.iter().any(|other| named(&other)) {
        refusals.push(Refusal::SameBuild(build.id));
    }
    if build.envers.is_empty() {
        refusals.push(Refusal::NoEnver(build.id));
    }
    if !organisation.repositories.iter().any(|repository| repository.key == build.repository) {
        refusals.push(Refusal::NoRepository {
            build: build.id,
            repository: build.repository,
            known: list(organisation.repositories.iter().map(|repository| repository.key)),
        });
    }
    refusals
}

fn wrong_id(organisation: &Organisation, build: &Build) -> Option<String> {
    const LONGEST: usize = 25;
    let id = build.id;
    let stage = Stage::ALL.into_iter().find(|stage| id.split(['-', '_']).any(|part| part == stage.name()));
    let account = organisation.accounts.iter().find(|account| !account.id.is_empty() && id.contains(account.id));
    match () {
        () if !is_id(id) => Some("may hold letters, digits, _ and - only".to_owned()),
        () if id.len() > LONGEST => Some(format!("has more than {LONGEST} letters")),
        () if id.eq_ignore_ascii_case("config") => {
            Some("is the name under which the platform keeps the parameters of all builds".to_owned())
        }
        () if id.starts_with("odmd-") && build.kind != Kind::ContractsLibrary => {
            Some("begins with odmd-, as only the platform's own resources do".to_owned())
        }
        () if begins_with_a_region(id) => Some("begins with the name of a region".to_owned()),
        () if let Some(stage) = stage => Some(format!("holds {stage}: a build is the same in every constellation")),
        () if let Some(account) = account => Some(format!("holds the id of the account {}", account.name)),
        () => None,
    }
}

fn place_of(organisation: &Organisation, build: &Build, enver: &Enver) -> Vec<Refusal> {
    let name = || format!("{}/{}", build.id, enver.revision);
    let mut refusals = Vec::new();
    if organisation.account(enver.account).is_none() {
        let known = list(organisation.accounts.iter().map(|account| account.name));
        refusals.push(Refusal::NoAccount { enver: name(), account: enver.account, known });
    }
    let library = organisation.builds.iter().filter(|build| build.kind == Kind::ContractsLibrary);
    let regions: Vec<_> = library.flat_map(|build| build.envers).map(|enver| enver.region).collect();
    if !regions.contains(&enver.region) {
        refusals.push(Refusal::Region { enver: name(), region: enver.region, known: list(regions) });
    }
    for (upstream, revision) in enver.upstreams {
        if !build.consumers.iter().any(|consumer| consumer.build == *upstream) {
            refusals.push(Refusal::IdleUpstream { enver: name(), upstream: format!("{upstream}/{revision}") });
        }
    }
    refusals
}

fn revisions(build: &Build) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (place, enver) in build.envers.iter().enumerate() {
        let name = |enver: &Enver| format!("{}/{}", build.id, enver.revision);
        match enver.revision.parse::<Revision>() {
            Err(source) => refusals.push(Refusal::Revision { build: build.id.to_owned(), source }),
            Ok(revision) if revision.origin().is_some() => refusals.push(Refusal::DeclaredClone(name(enver))),
            Ok(revision) => {
                let stack = stack_name(build.id, &revision);
                refusals.extend(wrong_stack(&stack).map(|why| Refusal::Stack { enver: name(enver), stack, why }));
            }
        }
        for other in &build.envers[place + 1..] {
            if other.revision == enver.revision {
                refusals.push(Refusal::SameRevision { build: build.id, revision: enver.revision });
            } else if (other.account, other.region) == (enver.account, enver.region) {
                let value = |enver: &'static Enver| &enver.revision[enver.revision.len().min(3)..];
                let (mut pair, mut values) = ((name(enver), name(other)), (value(enver), value(other)));
                if values.0.len() > values.1.len() {
                    (pair, values) = ((pair.1, pair.0), (values.1, values.0));
                }
                if values.1.starts_with(values.0) {
                    refusals.push(Refusal::Prefix { first: pair.0, second: pair.1 });
                }
            }
        }
    }
    refusals
}

fn wrong_stack(stack: &str) -> Option<&'static str> {
    const LONGEST: usize = 128;
    match () {
        () if stack.len() > LONGEST => Some("has more than 128 letters"),
        () if !stack.starts_with(|first: char| first.is_ascii_alphabetic()) => Some("does not begin with a letter"),
        () => None,
    }
}

fn producers(build: &Build) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let names = build.producers.iter().flat_map(|producer| {
        std::iter::once(producer.name).chain(producer.children.iter().map(|child| child.path_part))
    });
    refusals.extend(
        names.filter_map(|name| {
            wrong_name(name).map(|why| Refusal::Name { build: build.id, name: name.to_owned(), why })
        }),
    );
    let misplaced = |child: &&Child| child.artifact.is_some() && child.path_part != Child::SCHEMA_URL;
    for child in build.producers.iter().flat_map(|producer| producer.children).filter(misplaced) {
        let why = "names the schema of an API, which is always called schema-url";
        refusals.push(Refusal::Name { build: build.id, name: child.path_part.to_owned(), why });
    }
    let paths: Vec<_> = build.promised().map(|(path, _)| path).collect();
    refusals.extend(repeated(&paths).map(|name| Refusal::SameProducer { build: build.id, name: name.clone() }));
    refusals
}

fn wrong_name(name: &str) -> Option<&'static str> {
    match () {
        () if !is_name(name) => Some("may hold letters, digits, _, . and - only, and not .."),
        () if name == "ServiceToken" || name.starts_with("ODMD_rev_ref") => {
            Some("is the platform's own in every share")
        }
        () => None,
    }
}

fn consumers(organisation: &Organisation, build: &Build) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (place, consumer) in build.consumers.iter().enumerate() {
        if let Some(why) = wrong_name(consumer.name) {
            refusals.push(Refusal::Name { build: build.id, name: consumer.name.to_owned(), why });
        }
        for other in &build.consumers[place + 1..] {
            if other.name == consumer.name {
                refusals.push(Refusal::SameConsumer { build: build.id, name: consumer.name });
            } else if (other.build, other.producer) == (consumer.build, consumer.producer) {
                let producer = format!("{} ({})", consumer.build, consumer.producer);
                let (first, second) = (consumer.name, other.name);
                refusals.push(Refusal::UsedTwice { build: build.id, producer, first, second });
            }
        }
        refusals.extend(use_of_others(organisation, build, consumer));
    }
    refusals
}

fn use_of_others(organisation: &Organisation, build: &Build, used: &Consumer) -> Vec<Refusal> {
    let consumer = format!("{} ({})", build.id, used.name);
    let producer = format!("{} ({})", used.build, used.producer);
    if used.build == build.id {
        return vec![Refusal::OwnBuild { consumer, producer }];
    }
    if build.kind == Kind::ContractsLibrary {
        return vec![Refusal::LibraryConsumes { consumer, producer }];
    }
    let Some(upstream) = organisation.build(used.build) else {
        let known = list(organisation.builds.iter().map(|build| build.id));
        return vec![Refusal::NoProducer { consumer, producer, known: format!("the builds {known}") }];
    };
    if upstream.kind == Kind::WebClient && build.kind != Kind::WebClient {
        return vec![Refusal::WebClientConsumed { consumer, producer }];
    }
    let Some((_, gives)) = upstream.promised().find(|(path, _)| path == used.producer) else {
        let known: Vec<_> = upstream.promised().map(|(path, _)| path).collect();
        return vec![Refusal::NoProducer { consumer, producer, known: list(known) }];
    };
    let mut refusals = Vec::new();
    let kind = |wants| match wants {
        Wants::Document(kind) => Some(kind),
        Wants::Value => None,
    };
    let fits = match (kind(used.wants), kind(gives)) {
        (Some(wanted), Some(given)) => given.holds(wanted),
        (wanted, given) => wanted == given,
    };
    if !fits {
        refusals.push(Refusal::document(consumer.clone(), producer.clone(), kind(used.wants), kind(gives)));
    }
    if matches!(used.trigger, Trigger::Approval(roles) if roles.iter().all(|role| role.is_empty())) {
        refusals.push(Refusal::NobodyApproves { consumer: consumer.clone(), producer: producer.clone() });
    }
    if let Some(default) = used.default_if_absent
        && let Some(mend) = wrong_default(used, default)
    {
        refusals.push(Refusal::Default { consumer, producer, default, mend });
    }
    refusals
}

fn wrong_default(used: &Consumer, default: &str) -> Option<&'static str> {
    let is_url = default.starts_with("https://") || default.starts_with("http://");
    match used.wants {
        Wants::Document(_) if default != PINNED => {
            Some("only PINNED stands in for a document: the one that the client was generated from")
        }
        Wants::Value if used.name.ends_with("ApiBaseUrl") && default != BOOTSTRAP && !is_url => {
            Some("a base URL begins with http:// or https://, or is BOOTSTRAP")
        }
        Wants::Value if default.is_empty() => Some("an empty text stands in for nothing"),
        _ => None,
    }
}

/// What stands more than once, told once.
fn repeated(names: &[String]) -> impl Iterator<Item = &String> {
    names.iter().enumerate().filter_map(|(place, name)| {
        let before = names[..place].iter().filter(|other| *other == name).count();
        (before == 1).then_some(name)
    })
}

fn list<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
