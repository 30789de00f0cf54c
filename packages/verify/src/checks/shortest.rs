//! The shortest life that shows what is wrong, and its report.

use document::Operation;

use super::sequence::{Step, Went, Wrong};
use crate::client::Exchange;
use crate::draft::Draft;
use crate::playing::Playing;
use crate::report::{Check, Finding};
use crate::script::{Told, script};
use crate::verifier::{Break, Verifier, shown};

impl Verifier<'_> {
    /// Reports what is wrong with the last of these steps, with the shortest way there that was found.
    pub(super) async fn found(&mut self, playing: &Playing<'_>, steps: &[Step], wrong: Wrong) -> Result<(), Break> {
        let Some(operation) = self.api.operations.get(wrong.operation) else { return Ok(()) };
        if self.is_known(operation, Check::Sequence, wrong.title, &wrong.complaint) {
            return Ok(());
        }
        let mut best = (playing.told.clone(), playing.last.clone(), wrong);
        // What keeps us from playing it again meets the next request, too; what was found stays found.
        let _ = self.shortest(playing, steps, &mut best).await;
        let (told, last, Wrong { title, complaint, .. }) = best;
        self.report.findings.push(Finding {
            operation: operation.id.clone(),
            check: Check::Sequence,
            sent: title.to_owned(),
            expected: complaint.expected,
            got: shown(last.as_ref(), &complaint.wrong),
            curl: script(&self.asking.client, &told),
            again: 0,
        });
        Ok(())
    }

    /// Plays shorter lives, of things that are made with less, as long as the same is wrong with them.
    async fn shortest(
        &mut self,
        playing: &Playing<'_>,
        steps: &[Step],
        best: &mut (Vec<Told>, Option<Exchange>, Wrong),
    ) -> Result<(), Break> {
        /// So many lives are played again at most.
        const MOST_PLAYED: usize = 16;
        const MOST_OTHERS: usize = 4;
        let Some(make) = self.api.operations.get(playing.life.make) else { return Ok(()) };
        let smallest = smallest(make, playing.seed);
        let good = self.good.get(&playing.life.make).into_iter().flatten().map(|good| good.draft.clone());
        // What is wrong may be about something that was made before, in another way.
        let others: Vec<Draft> = good.filter(|draft| draft != playing.seed).take(MOST_OTHERS).collect();
        let short = short(playing, steps);
        let seeds = [&smallest, playing.seed].into_iter().chain(&others);
        let ways = seeds.map(|seed| (short.as_slice(), seed)).chain([(steps, &smallest), (steps, playing.seed)]);
        let mut shown = None;
        for (steps, seed) in ways {
            if self.shows(playing, steps, seed, best).await? {
                shown = Some((steps.to_vec(), seed.clone()));
                break;
            }
        }
        let Some((steps, mut seed)) = shown else { return Ok(()) };
        let mut played = 0;
        'smaller: loop {
            for candidate in seed.smaller() {
                if !candidate.issues(make).is_some_and(|issues| issues.is_empty()) {
                    continue;
                }
                played += 1;
                if played > MOST_PLAYED {
                    return Ok(());
                }
                if self.shows(playing, &steps, &candidate, best).await? {
                    seed = candidate;
                    continue 'smaller;
                }
            }
            return Ok(());
        }
    }

    /// Plays a life again: whether the same is wrong with its last step.
    async fn shows(
        &mut self,
        playing: &Playing<'_>,
        steps: &[Step],
        seed: &Draft,
        best: &mut (Vec<Told>, Option<Exchange>, Wrong),
    ) -> Result<bool, Break> {
        let mut again = Playing::new(playing.life, seed, playing.caller, false);
        for (number, step) in steps.iter().enumerate() {
            let went = match self.step(&mut again, *step).await {
                Ok(went) => went,
                // Less than it takes to make one was sent.
                Err(Break::LeaveOut(_)) => return Ok(false),
                Err(end) => return Err(end),
            };
            let last = number + 1 == steps.len();
            match went {
                Went::Wrong(wrong) if last && same(&wrong, &best.2) => {
                    *best = (again.told, again.last, wrong);
                    return Ok(true);
                }
                Went::Nowhere => return Ok(false),
                _ => {}
            }
        }
        Ok(false)
    }
}

/// The smallest request that keeps the contract: everything is left out that need not be there.
fn smallest(operation: &Operation, seed: &Draft) -> Draft {
    let mut smallest = seed.clone();
    let keeps = |draft: &Draft| draft.issues(operation).is_some_and(|issues| issues.is_empty());
    while let Some(smaller) = smallest.smaller().into_iter().find(keeps) {
        smallest = smaller;
    }
    smallest
}

/// The fewest steps that can lead to the last of these.
fn short(playing: &Playing<'_>, steps: &[Step]) -> Vec<Step> {
    let Some(last) = steps.last().copied() else { return Vec::new() };
    let before: &[Step] = match last {
        Step::Make => &[],
        Step::Read if playing.deleted => &[Step::Make, Step::Delete],
        Step::Read if playing.change.is_some() => &[Step::Make, Step::Read, Step::Change],
        Step::List(_) if playing.deleted => &[Step::Make, last, Step::Delete],
        Step::Change => &[Step::Make, Step::Read],
        Step::ChangeAgain => &[Step::Make, Step::Read, Step::Change],
        Step::Read | Step::Follow | Step::List(_) | Step::Limited(_) | Step::Delete => &[Step::Make],
    };
    before.iter().copied().chain([last]).collect()
}

fn same(one: &Wrong, other: &Wrong) -> bool {
    (one.operation, one.title, &one.complaint.expected) == (other.operation, other.title, &other.complaint.expected)
}
