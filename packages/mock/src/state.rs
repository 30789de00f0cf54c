//! What a mock remembers: records by tenant, collection and key, in maps that share structure. A copy of the whole is one
//! pointer, so snapshots, resets and undone changes cost nothing that grows with what is kept.

use minijinja::Value;
use rpds::{HashTrieMapSync, RedBlackTreeMapSync, VectorSync};
use serde_json::Value as Json;

/// More records than this in one collection of one tenant are refused: a mock is no database.
pub const MOST_RECORDS: usize = 10_000;
/// More tenants than this are refused.
pub const MOST_TENANTS: usize = 10_000;
/// Of the messages that were emitted, so many are kept; the oldest are forgotten first.
pub const MOST_MESSAGES: usize = 10_000;

/// One record, and when it came among the others.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Grows with every record that is made; a record that is changed keeps it.
    pub serial: u64,
    /// The record.
    pub value: Value,
}

type Records = RedBlackTreeMapSync<String, Stored>;
type Collections = HashTrieMapSync<String, Records>;

/// A message that was emitted.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its number: the first is 0.
    pub number: u64,
    /// The envelope with its payload: CloudEvents 1.0.
    pub event: Json,
}

/// There is no room for another record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mock keeps no more than {most} {what}: POST /_mock/reset")]
pub struct Full {
    what: String,
    most: usize,
}

/// Everything that is remembered. Cloning is cheap and the clone is independent.
#[derive(Debug, Clone, Default)]
pub struct State {
    tenants: RedBlackTreeMapSync<String, Collections>,
    messages: VectorSync<Message>,
    forgotten: u64,
    serial: u64,
    drawn: u64,
    /// Grows when a configuration document changes.
    pub configured: u64,
}

impl State {
    /// The record under that key.
    pub fn get(&self, tenant: &str, collection: &str, key: &str) -> Option<&Stored> {
        self.tenants.get(tenant)?.get(collection)?.get(key)
    }

    /// All records of a collection, by key.
    pub fn all<'a>(
        &'a self,
        tenant: &str,
        collection: &str,
    ) -> impl Iterator<Item = (&'a String, &'a Stored)> + use<'a> {
        let records = self.tenants.get(tenant).and_then(|collections| collections.get(collection));
        records.into_iter().flat_map(RedBlackTreeMapSync::iter)
    }

    /// How many records a collection has.
    pub fn count(&self, tenant: &str, collection: &str) -> usize {
        let records = self.tenants.get(tenant).and_then(|collections| collections.get(collection));
        records.map_or(0, RedBlackTreeMapSync::size)
    }

    /// The tenants that have records.
    pub fn tenants(&self) -> impl Iterator<Item = &String> {
        self.tenants.keys()
    }

    /// Writes a record, new or in place of the one under that key. Fails when there is no room.
    pub fn put(&mut self, tenant: &str, collection: &str, key: &str, value: Value) -> Result<(), Full> {
        if !self.tenants.contains_key(tenant) {
            if self.tenants.size() >= MOST_TENANTS {
                return Err(Full { what: "tenants".into(), most: MOST_TENANTS });
            }
            self.tenants.insert_mut(tenant.to_owned(), Collections::default());
        }
        let Some(collections) = self.tenants.get_mut(tenant) else { return Ok(()) };
        if !collections.contains_key(collection) {
            collections.insert_mut(collection.to_owned(), Records::default());
        }
        let Some(records) = collections.get_mut(collection) else { return Ok(()) };
        let known = records.get(key).map(|stored| stored.serial);
        if known.is_none() && records.size() >= MOST_RECORDS {
            return Err(Full { what: format!("{collection} of one tenant"), most: MOST_RECORDS });
        }
        let serial = known.unwrap_or_else(|| {
            self.serial += 1;
            self.serial
        });
        records.insert_mut(key.to_owned(), Stored { serial, value });
        Ok(())
    }

    /// Takes a record away; whether it was there.
    pub fn remove(&mut self, tenant: &str, collection: &str, key: &str) -> bool {
        let records = self.tenants.get_mut(tenant).and_then(|collections| collections.get_mut(collection));
        records.is_some_and(|records| records.remove_mut(key))
    }

    /// A number that was not drawn before.
    pub fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// Keeps an emitted message.
    pub fn emit(&mut self, event: Json) {
        let number = self.forgotten + self.messages.len() as u64;
        self.messages.push_back_mut(Message { number, event });
        if self.messages.len() >= 2 * MOST_MESSAGES {
            let rest = self.messages.iter().skip(MOST_MESSAGES).cloned().collect();
            self.messages = rest;
            self.forgotten += MOST_MESSAGES as u64;
        }
    }

    /// The messages from that number on.
    pub fn messages(&self, from: u64) -> impl Iterator<Item = &Message> {
        let skipped = usize::try_from(from.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        (skipped..self.messages.len()).filter_map(|index| self.messages.get(index))
    }

    /// The number that the next message gets.
    pub fn next_message(&self) -> u64 {
        self.forgotten + self.messages.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_was_when_the_original_moves_on() {
        let mut state = State::default();
        state.put("acme", "things", "1", Value::from(1)).unwrap();
        let copy = state.clone();

        state.put("acme", "things", "1", Value::from(2)).unwrap();
        state.put("acme", "things", "2", Value::from(3)).unwrap();
        state.remove("acme", "things", "1");

        assert_eq!(copy.get("acme", "things", "1").map(|stored| stored.value.clone()), Some(Value::from(1)));
        assert_eq!((copy.count("acme", "things"), state.count("acme", "things")), (1, 1));
    }

    #[test]
    fn one_tenant_never_sees_anothers_records() {
        let mut state = State::default();
        state.put("acme", "things", "1", Value::from(1)).unwrap();

        assert!(state.get("other", "things", "1").is_none());
        assert_eq!(state.all("other", "things").count(), 0);
    }

    #[test]
    fn a_collection_that_is_full_says_how_to_go_on() {
        let mut state = State::default();
        for n in 0..MOST_RECORDS {
            state.put("acme", "things", &n.to_string(), Value::from(n)).unwrap();
        }

        let full = state.put("acme", "things", "one more", Value::from(0)).unwrap_err();
        assert!(full.to_string().contains("/_mock/reset"), "{full}");
        assert_eq!(state.put("acme", "things", "1", Value::from(0)), Ok(()));
    }

    #[test]
    fn messages_are_numbered_and_the_oldest_forgotten() {
        let mut state = State::default();
        for n in 0..2 * MOST_MESSAGES + 1 {
            state.emit(n.into());
        }

        assert_eq!(state.messages(0).next().map(|message| message.number), Some(MOST_MESSAGES as u64));
        let last = state.messages(2 * MOST_MESSAGES as u64).next().map(|message| message.event.clone());
        assert_eq!(last, Some((2 * MOST_MESSAGES).into()));
    }
}
