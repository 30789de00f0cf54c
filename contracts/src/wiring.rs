//! The wiring: each enver of each build, and for each of its consumers the enver it reads from.

use serde::Serialize;

use crate::{
    Build, Constellation, Consumer, Enver, EnverId, Lifetime, Organisation, Refusal, Revision, Stage, Trigger, Wants,
    WiredEnver, share_name, stack_name,
};

/// All envers and the edges between them.
#[derive(Debug, Clone)]
pub struct Wiring {
    organisation: Organisation,
    envers: Vec<WiredEnver>,
    edges: Vec<Edge>,
}

/// One enver's use of one value of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// Who uses it.
    pub consumer: EnverId,
    /// What the consumer calls it.
    pub name: &'static str,
    /// Who publishes it.
    pub producer: EnverId,
    /// The service that publishes it, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<&'static str>,
    /// What the producer calls it.
    pub path: &'static str,
    /// The parameter it is shared under.
    pub share_name: String,
    /// The kind of the document, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<crate::Artifact>,
    /// What it is used for.
    pub reason: &'static str,
    /// What happens when it is published anew.
    pub trigger: Trigger,
    /// What stands in until it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_if_absent: Option<&'static str>,
}

impl Edge {
    /// The using end, as messages name it.
    pub fn consuming_end(&self) -> String {
        format!("{} ({})", self.consumer, self.name)
    }

    /// The publishing end, as messages name it.
    pub fn producing_end(&self) -> String {
        format!("{} ({})", self.producer, self.path)
    }
}

impl Wiring {
    /// Every enver, build by build.
    pub fn envers(&self) -> &[WiredEnver] {
        &self.envers
    }

    /// Every edge, in the order of its consumers.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The builds.
    pub fn builds(&self) -> &'static [Build] {
        self.organisation.builds
    }

    /// The build of this id, or of the service of this name.
    pub fn build(&self, name: &str) -> Option<&'static Build> {
        let builds = self.organisation.builds;
        builds
            .iter()
            .find(|build| build.id == name)
            .or_else(|| builds.iter().find(|build| build.service() == Some(name)))
    }

    /// The enver.
    pub fn find(&self, id: &EnverId) -> Option<&WiredEnver> {
        self.envers.iter().find(|enver| enver.id == *id)
    }

    /// The static enver of a build or service at a stage: that of a branch, if there are several.
    pub fn at(&self, name: &str, stage: Stage) -> Option<&WiredEnver> {
        let build = self.build(name)?;
        let mut there = self
            .envers
            .iter()
            .filter(|enver| enver.id.build == build.id && enver.stage == stage && enver.lifetime == Lifetime::Static);
        let first = there.next()?;
        Some(there.chain([first]).find(|enver| !enver.id.revision.is_tag()).unwrap_or(first))
    }

    /// What an enver reads of others.
    pub fn upstreams<'a>(&'a self, id: &'a EnverId) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.consumer == *id)
    }

    /// What others read of an enver.
    pub fn consumers<'a>(&'a self, id: &'a EnverId) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.producer == *id)
    }

    /// The constellation of an enver: the closure of its edges.
    pub fn constellation(&self, id: &EnverId) -> Option<Constellation> {
        Constellation::of(self, id)
    }

    /// Every constellation of static envers, stage by stage. An enver that is wired to nothing is one of its own.
    pub fn constellations(&self) -> Vec<Constellation> {
        let mut found: Vec<Constellation> = Vec::new();
        for stage in Stage::ALL {
            for enver in self.envers.iter().filter(|enver| enver.stage == stage && enver.lifetime == Lifetime::Static) {
                if !found.iter().any(|known| known.envers.contains(enver)) {
                    found.extend(self.constellation(&enver.id));
                }
            }
        }
        found
    }

    /// This wiring with one more enver: a clone of the static enver at `origin`, for the branch or tag `revision`. It
    /// lives as long as its branch, stands in its origin's account and reads what its origin reads.
    ///
    /// # Errors
    ///
    /// There is no such enver, it makes no clones, or the clone's revision is refused.
    pub fn with_clone(&self, build: &str, origin: &Revision, revision: Revision) -> Result<(Self, EnverId), Refusal> {
        let origin_id =
            EnverId { build: self.build(build).map_or(build, |build| build.id).to_owned(), revision: origin.clone() };
        let declared = self.organisation.build(&origin_id.build).and_then(|build| {
            let of = |enver: &&Enver| enver.revision == origin.to_string();
            Some((self.find(&origin_id)?, build.envers.iter().find(of)?))
        });
        let Some((wired, declared)) = declared else {
            let there = self.envers.iter().filter(|enver| enver.id.build == origin_id.build);
            let there = there.map(|enver| enver.id.revision.to_string()).collect::<Vec<_>>().join(", ");
            return Err(Refusal::NoOrigin { origin: origin_id.to_string(), there });
        };
        if !declared.clonable {
            return Err(Refusal::NotClonable { origin: origin_id.to_string(), clone: revision.to_string() });
        }
        let refused = |source| Refusal::Revision { build: origin_id.build.clone(), source };
        let id = EnverId { revision: revision.cloned_from(origin).map_err(refused)?, ..origin_id.clone() };
        let mut more = self.clone();
        more.envers.push(WiredEnver {
            stack: stack_name(&id.build, &id.revision),
            id: id.clone(),
            lifetime: Lifetime::Ephemeral,
            ..wired.clone()
        });
        more.edges.extend(self.upstreams(&origin_id).map(|edge| Edge { consumer: id.clone(), ..edge.clone() }));
        Ok((more, id))
    }
}

/// Finds everything that can be found, and says what cannot.
pub(crate) fn resolve(organisation: Organisation, refusals: &mut Vec<Refusal>) -> Wiring {
    let mut wiring = Wiring { organisation, envers: Vec::new(), edges: Vec::new() };
    for build in organisation.builds {
        for enver in build.envers {
            // What is wrong with the account or the revision was said with the declarations.
            let (Some(account), Ok(revision)) = (organisation.account(enver.account), enver.revision.parse()) else {
                continue;
            };
            wiring.envers.push(WiredEnver {
                stack: stack_name(build.id, &revision),
                id: EnverId { build: build.id.to_owned(), revision },
                service: build.service(),
                stage: enver.stage,
                account: account.name,
                account_id: account.id,
                region: enver.region,
                lifetime: Lifetime::Static,
            });
        }
    }
    for build in organisation.builds {
        for (enver, consumer) in build.envers.iter().flat_map(|enver| build.consumers.iter().map(move |c| (enver, c))) {
            match edge(&wiring, build, enver, consumer) {
                Ok(Some(edge)) => wiring.edges.push(edge),
                Ok(None) => {}
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
    wiring
}

/// The edge of one consumer in one enver; `None` when it was refused with the declarations.
fn edge(wiring: &Wiring, build: &Build, enver: &Enver, consumer: &Consumer) -> Result<Option<Edge>, Refusal> {
    let Ok(revision) = enver.revision.parse::<Revision>() else { return Ok(None) };
    let Some(upstream) = wiring.organisation.build(consumer.build) else { return Ok(None) };
    let Some((_, gives)) = upstream.promised().find(|(path, _)| path == consumer.producer) else { return Ok(None) };
    let producer = producer(wiring, enver, &revision, consumer)
        .map_err(|found| Refusal::upstream(build, enver, consumer, found))?;
    let document = match gives {
        Wants::Document(kind) => Some(kind),
        Wants::Value => None,
    };
    Ok(Some(Edge {
        share_name: share_name(&producer.id.build, &producer.id.revision, consumer.producer),
        consumer: EnverId { build: build.id.to_owned(), revision },
        name: consumer.name,
        producer: producer.id.clone(),
        service: producer.service,
        path: consumer.producer,
        document,
        reason: consumer.reason,
        trigger: consumer.trigger,
        default_if_absent: consumer.default_if_absent,
    }))
}

/// The enver that a consumer reads from: the one that is named, or the only one of the same stage that is built from
/// the same kind of revision. Otherwise what was found instead.
fn producer<'a>(
    wiring: &'a Wiring,
    enver: &Enver,
    revision: &Revision,
    consumer: &Consumer,
) -> Result<&'a WiredEnver, Vec<String>> {
    let of_build = |candidate: &&WiredEnver| candidate.id.build == consumer.build;
    let names = |envers: Vec<&WiredEnver>| envers.into_iter().map(|enver| enver.id.revision.to_string()).collect();
    if let Some((_, named)) = enver.upstreams.iter().find(|(build, _)| *build == consumer.build) {
        let is_named = |candidate: &&WiredEnver| candidate.id.revision.to_string() == *named;
        return wiring.envers.iter().filter(of_build).find(is_named).ok_or_else(Vec::new);
    }
    let fits = |candidate: &&WiredEnver| {
        of_build(candidate) && candidate.stage == enver.stage && candidate.id.revision.is_tag() == revision.is_tag()
    };
    let fitting: Vec<_> = wiring.envers.iter().filter(fits).collect();
    match fitting[..] {
        [only] => Ok(only),
        _ => Err(names(fitting)),
    }
}
