//! Two deployments of one contract, asked the same in the same order: what anybody can observe is the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dataset::{Credentials, Dataset, Flow, LogIn, Published, Run, Setting};
use document::Api;
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::Value;

use crate::asking::{Asking, Halt};
use crate::client::Exchange;
use crate::compare::{Difference, Leeway, Renaming, differences};
use crate::curl::Secrets;
use crate::draft::{Content, Draft};
use crate::flows::{now, now_micros};

/// One of the two.
pub struct Side {
    /// As reports name it: `mock`, `dev`.
    pub name: String,
    /// The deployment.
    pub asking: Asking,
    /// The log-in of its platform's administrator.
    pub platform: Option<LogIn>,
    /// The secret its services sign with.
    pub secret: Option<[u8; 32]>,
}

/// What both are asked with.
pub struct Script {
    /// The contract of the service.
    pub api: Api,
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The contracts of all services.
    pub published: Arc<Published>,
    /// The service.
    pub service: String,
    /// What may differ.
    pub leeway: Leeway,
}

/// One thing that both are asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// The step of this place in the flow that a sequence begins with.
    Step(usize),
    /// A request of its own. Its texts may stand for what earlier moves answered, see [`reference`].
    Own {
        /// The operation's place in the contract.
        operation: usize,
        /// The request.
        draft: Box<Draft>,
        /// Whose token it carries; nobody's when there is none.
        actor: Option<String>,
        /// In words.
        title: String,
    },
}

/// What both are asked, in order; each move with the number it had when the sequence was made.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// The flow it begins with.
    pub flow: Arc<Flow>,
    /// The moves.
    pub moves: Vec<(usize, Move)>,
}

/// Both answers to a move.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The move's number.
    pub number: usize,
    /// The operation's id.
    pub operation: String,
    /// In words.
    pub title: String,
    /// Of the left side.
    pub left: Exchange,
    /// Of the right side.
    pub right: Exchange,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// What came of a sequence: everything up to the first difference.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// The moves that were made; only the last one differs, if any.
    pub pairs: Vec<Pair>,
    /// The actors who have tokens.
    pub actors: Vec<String>,
}

impl Played {
    /// Whether the two differ.
    pub fn differs(&self) -> bool {
        self.pairs.last().is_some_and(|pair| !pair.differences.is_empty())
    }
}

/// A text that stands for what the answer to a move says at a JSON pointer.
pub fn reference(number: usize, pointer: &str) -> String {
    format!("\u{1}{number}{pointer}\u{1}")
}

impl Script {
    /// Plays a sequence on both sides with people of its own, told apart by `run`.
    pub async fn play(&self, sides: &mut [Side; 2], sequence: &Sequence, run: &str) -> Result<Played, Halt> {
        let mut playing = self.begin(sides, sequence, run);
        let mut played = Played::default();
        for (number, next) in &sequence.moves {
            self.make(&mut playing, sides, *number, next, &mut played).await?;
            if played.differs() {
                break;
            }
        }
        Ok(played)
    }

    /// Begins a sequence; nothing is sent yet.
    pub(crate) fn begin(&self, sides: &[Side; 2], sequence: &Sequence, run: &str) -> Playing {
        let began = now();
        let runs = sides.each_ref().map(|side| {
            let (run, enver, platform) = (run.to_owned(), side.name.clone(), side.platform.clone());
            Run::new(&self.dataset, &self.published, &sequence.flow, Setting { run, enver, platform }, began)
        });
        Playing { runs, at: 0, answers: BTreeMap::new(), names: Renaming::default() }
    }

    /// Makes one move on both sides.
    pub(crate) async fn make(
        &self,
        playing: &mut Playing,
        sides: &mut [Side; 2],
        number: usize,
        next: &Move,
        played: &mut Played,
    ) -> Result<(), Halt> {
        let pair = match next {
            Move::Step(place) => playing.step(self, sides, number, *place).await?,
            Move::Own { operation, draft, actor, title } => {
                playing.own(self, sides, number, (*operation, draft, actor.as_deref(), title)).await?
            }
        };
        played.pairs.extend(pair);
        Ok(())
    }
}

/// A sequence under way.
pub(crate) struct Playing {
    runs: [Run; 2],
    /// The step that comes next in both.
    at: usize,
    /// The bodies that each side answered, by the number of the move.
    answers: BTreeMap<usize, [Value; 2]>,
    names: Renaming,
}

impl Playing {
    /// Notes who has a token by now.
    pub fn note_actors(&self, played: &mut Played) {
        let [left, _] = &self.runs;
        let tokens = left.saved().keys().filter_map(|name| name.strip_prefix("tokens."));
        played.actors = tokens.map(str::to_owned).collect();
    }

    async fn step(
        &mut self,
        script: &Script,
        sides: &mut [Side; 2],
        number: usize,
        place: usize,
    ) -> Result<Option<Pair>, Halt> {
        while self.at < place {
            self.runs.iter_mut().for_each(Run::skip);
            self.at += 1;
        }
        self.at += 1;
        let Some(step) = self.runs[0].step().cloned() else { return Ok(None) };
        let mut exchanges = Vec::new();
        for (run, side) in self.runs.iter_mut().zip(sides.iter_mut()) {
            match follow(run, side).await? {
                Some(exchange) => exchanges.push(exchange),
                // What it needs was left out of the sequence: it is left out on both sides.
                None => {
                    run.skip();
                    continue;
                }
            }
        }
        let (Some(right), Some(left)) = (exchanges.pop(), exchanges.pop()) else { return Ok(None) };
        let title = format!("{} ({})", step.title, step.actor);
        Ok(Some(self.pair(script, number, step.operation.clone(), title, left, right)))
    }

    async fn own(
        &mut self,
        script: &Script,
        sides: &mut [Side; 2],
        number: usize,
        (operation, draft, actor, title): (usize, &Draft, Option<&str>, &str),
    ) -> Result<Option<Pair>, Halt> {
        let Some(operation) = script.api.operations.get(operation) else { return Ok(None) };
        let mut requests: Vec<Request<Bytes>> = Vec::new();
        for (side, run) in self.runs.iter().enumerate() {
            let resolved = resolved(draft, &|text| Some(script.leeway.of_side(&self.meant(text, side)?, side)));
            let Some(mut request) = resolved.and_then(|draft| draft.request(operation)) else { return Ok(None) };
            if let Some(actor) = actor {
                let token = run.saved().get(&format!("tokens.{actor}")).and_then(Value::as_str);
                let Some(token) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) else {
                    return Ok(None);
                };
                request.headers_mut().insert(header::AUTHORIZATION, token);
            }
            requests.push(request);
        }
        let (Some(right), Some(left)) = (requests.pop(), requests.pop()) else { return Ok(None) };
        let [one, other] = sides;
        let mut asked = 0;
        loop {
            let (left, right) = tokio::join!(one.asking.ask(&left), other.asking.ask(&right));
            let before = self.names.clone();
            let pair = self.pair(script, number, operation.id.clone(), title.to_owned(), left?, right?);
            // What follows from events comes a moment later, and on no two sides at the same one.
            let reads = matches!(operation.method.as_str(), "GET" | "HEAD");
            if pair.differences.is_empty() || !reads || asked == READS {
                return Ok(Some(pair));
            }
            (self.names, asked) = (before, asked + 1);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn pair(
        &mut self,
        script: &Script,
        number: usize,
        operation: String,
        title: String,
        left: Exchange,
        right: Exchange,
    ) -> Pair {
        let differences = differences(&left.response, &right.response, &mut self.names, &script.leeway);
        let body = |exchange: &Exchange| serde_json::from_slice(exchange.response.body()).unwrap_or_default();
        self.answers.insert(number, [body(&left), body(&right)]);
        Pair { number, operation, title, left, right, differences }
    }

    /// What a text stands for on a side; itself if it is no reference.
    fn meant(&self, text: &str, side: usize) -> Option<String> {
        let Some(inner) = text.strip_prefix('\u{1}').and_then(|text| text.strip_suffix('\u{1}')) else {
            return Some(text.to_owned());
        };
        let (number, pointer) = inner.split_at(inner.find('/')?);
        let value = self.answers.get(&number.parse().ok()?)?.get(side)?.pointer(pointer)?;
        value.as_str().map(str::to_owned)
    }
}

/// How often a read that differs is asked again, and after which pause.
const READS: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Sends the next step of a flow to a side, again while it holds only eventually; `None` when it cannot be sent.
async fn follow(run: &mut Run, side: &mut Side) -> Result<Option<Exchange>, Halt> {
    loop {
        let Some(Ok(request)) = run.next(now()) else { return Ok(None) };
        let mut message = request.message;
        if request.credentials == Credentials::Signature {
            let Some(secret) = &side.secret else { return Ok(None) };
            operation::sign(&mut message, secret, &request.step.actor, now_micros());
        }
        let limited = request.step.expect.status == StatusCode::TOO_MANY_REQUESTS;
        let exchange = if limited { side.asking.once(&message).await? } else { side.asking.ask(&message).await? };
        let response = &exchange.response;
        let result = run.answer(response.status().as_u16(), response.headers(), response.body());
        let Some(pause) = result.again else { return Ok(Some(exchange)) };
        tokio::time::sleep(pause).await;
    }
}

/// The draft with every text replaced by what it means; `None` when one means nothing.
fn resolved(draft: &Draft, meant: &impl Fn(&str) -> Option<String>) -> Option<Draft> {
    let mut resolved = draft.clone();
    for value in resolved.parameters.values_mut() {
        *value = replaced(value, meant)?;
    }
    if let Some(Content::Value(_, value)) = &mut resolved.body {
        *value = replaced(value, meant)?;
    }
    Some(resolved)
}

/// The value with each of its texts replaced.
pub(crate) fn replaced(value: &Value, with: &impl Fn(&str) -> Option<String>) -> Option<Value> {
    Some(match value {
        Value::String(text) => Value::String(with(text)?),
        Value::Array(items) => items.iter().map(|item| replaced(item, with)).collect::<Option<Vec<_>>>()?.into(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| Some((name.clone(), replaced(field, with)?)));
            Value::Object(fields.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

/// A sequence that differs, for people: each move as the line of curl that makes it, and what differs at the end.
pub fn told(sides: &[Side; 2], played: &Played, secrets: Secrets) -> String {
    let [left, right] = sides;
    let mut text = String::new();
    for pair in &played.pairs {
        text.push_str(&format!("# {}: {}\n", pair.operation, pair.title));
        text.push_str(&format!("{}\n", right.asking.client.curl(&pair.right.request, secrets)));
        let (one, other) = (pair.left.response.status().as_u16(), pair.right.response.status().as_u16());
        text.push_str(&format!("# {}: {one}, {}: {other}\n", left.name, right.name));
        for difference in &pair.differences {
            let Difference { place, left: one, right: other } = difference;
            text.push_str(&format!("#   {place}: {} has {one}, {} has {other}\n", left.name, right.name));
        }
    }
    text
}
