//! The proof that two deployments are one and the same to whoever observes them: sequence after sequence by a seed, and
//! the smallest sequence that shows a difference.

use fastrand::Rng;

use crate::asking::Halt;
use crate::lockstep::{Played, Script, Sequence, Side};
use crate::moves::{beginning, next};
use crate::shrink::shrink;

/// How much is played.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The same sequences for the same seed.
    pub seed: u64,
    /// How many sequences.
    pub sequences: usize,
    /// How many moves after the beginning of each.
    pub moves: usize,
    /// How often a sequence that differs is played again to make it smaller.
    pub shrinking: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { seed: 1, sequences: 20, moves: 12, shrinking: 80 }
    }
}

/// A difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The seed that plays this sequence first.
    pub seed: u64,
    /// The smallest sequence that was found, played.
    pub played: Played,
    /// How many moves the sequence had at first.
    pub moves: usize,
}

/// What was played.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// How many sequences were played to their end.
    pub sequences: usize,
    /// How many moves both sides answered.
    pub moves: usize,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// Plays sequences until one differs. `salt` keeps the people of this proof apart from those of earlier ones.
pub async fn prove(
    script: &Script,
    sides: &mut [Side; 2],
    effort: &Effort,
    salt: &str,
    progress: &mut (dyn FnMut(&Proof) + Send),
) -> Result<Proof, Halt> {
    let mut proof = Proof::default();
    for number in 0..effort.sequences {
        let seed = effort.seed.wrapping_add(number as u64);
        let (sequence, played) = match one(script, sides, seed, effort.moves, &format!("{salt}n{number}")).await? {
            Some(one) => one,
            None => continue,
        };
        proof.moves += played.pairs.len();
        if played.differs() {
            let difference = smallest(script, sides, &sequence, played, effort.shrinking, salt).await?;
            let moves = sequence.moves.len();
            proof.difference = Some(Difference { seed, played: difference, moves });
            return Ok(proof);
        }
        proof.sequences += 1;
        progress(&proof);
    }
    Ok(proof)
}

/// One sequence, made while it is played: each move depends on what was answered before it.
async fn one(
    script: &Script,
    sides: &mut [Side; 2],
    seed: u64,
    moves: usize,
    run: &str,
) -> Result<Option<(Sequence, Played)>, Halt> {
    /// How often chance is asked for a move before it is left at what there is.
    const MOST_ASKED: usize = 40;
    let mut rng = Rng::with_seed(seed);
    let Some(mut sequence) = beginning(script, &mut rng) else { return Ok(None) };
    let mut playing = script.begin(sides, &sequence, run);
    let mut played = Played::default();
    for (number, next) in &sequence.moves {
        script.make(&mut playing, sides, *number, next, &mut played).await?;
        if played.differs() {
            return Ok(Some((sequence, played)));
        }
    }
    playing.note_actors(&mut played);
    let first = sequence.moves.len();
    for number in first..first + moves {
        let chosen = (0..MOST_ASKED).find_map(|_| next(script, &played, number, &mut rng));
        let Some(chosen) = chosen else { break };
        script.make(&mut playing, sides, number, &chosen, &mut played).await?;
        sequence.moves.push((number, chosen));
        if played.differs() {
            break;
        }
    }
    Ok(Some((sequence, played)))
}

/// The smallest sequence in which the same operation differs in the same places.
async fn smallest(
    script: &Script,
    sides: &mut [Side; 2],
    sequence: &Sequence,
    played: Played,
    limit: usize,
    salt: &str,
) -> Result<Played, Halt> {
    let shown = |played: &Played| {
        let last = played.pairs.last()?;
        let places: Vec<&str> = last.differences.iter().map(|difference| difference.place.as_str()).collect();
        Some((last.operation.clone(), places.join(" ")))
    };
    let wanted = shown(&played);
    let mut best = played;
    let mut attempt = 0;
    let mut broken = None;
    shrink(&sequence.moves, limit, async |moves| {
        attempt += 1;
        let smaller = Sequence { flow: sequence.flow.clone(), moves: moves.to_vec() };
        match script.play(sides, &smaller, &format!("{salt}s{attempt}")).await {
            Ok(again) if again.differs() && shown(&again) == wanted => {
                best = again;
                true
            }
            Ok(_) => false,
            Err(halt) => {
                broken = Some(halt);
                false
            }
        }
    })
    .await;
    match broken {
        Some(Halt::Stopped) => Err(Halt::Stopped),
        _ => Ok(best),
    }
}
