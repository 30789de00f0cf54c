//! Lists: records in pages, newest first.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use operation::{Page, Pagination};
use serde::de::DeserializeOwned;
use service_errors::Error;
use validation::types::PageQuery;

use crate::table::{Item, stored};
use crate::{Entity, Key, Table, failed, signed};

/// What to list.
#[derive(Debug, Clone, Copy)]
pub enum Listing<'a> {
    /// All records of a kind.
    All,
    /// Those of them whose order begins like this.
    Ordered(&'a str),
    /// Those of one owner.
    Owner(&'a str),
    /// Those of one status (see [`Entity::STATUSES`]).
    Status(&'a str),
    /// Those of one owner that have one status.
    OwnerStatus(&'a str, &'a str),
    /// Those of a further list that is the first of its pair (see [`Entity::lists`]).
    First(&'a str),
    /// Those of a further list that is the second of its pair.
    Second(&'a str),
}

/// A stretch of a list's order ([`Entity::order`]); without bounds it is the whole list.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// From this on.
    pub from: Option<String>,
    /// Up to before this.
    pub before: Option<String>,
}

/// Which sort keys of a partition are read.
enum Sorts<'a> {
    Prefix(&'a str),
    Stretch(&'a Stretch),
}

impl Sorts<'_> {
    /// The name of the sort attribute, the bounds, and the condition they stand in.
    fn read(&self, index: Option<&str>) -> (String, Option<&str>, Option<&str>, &'static str) {
        let name = index.map_or_else(|| "sk".to_owned(), |index| format!("{index}sk"));
        match self {
            Self::Prefix(prefix) => (name, Some(prefix), None, "#pk = :pk AND begins_with(#sort, :from)"),
            Self::Stretch(stretch) => {
                let (from, before) = (stretch.from.as_deref(), stretch.before.as_deref());
                let condition = match (from, before) {
                    (None, None) => "#pk = :pk",
                    (Some(_), None) => "#pk = :pk AND #sort >= :from",
                    (None, Some(_)) => "#pk = :pk AND #sort < :before",
                    // A sort key goes on behind its order with the record's id, so none is equal to `before`.
                    (Some(_), Some(_)) => "#pk = :pk AND #sort BETWEEN :from AND :before",
                };
                (name, from, before, condition)
            }
        }
    }
}

impl Table {
    /// A page of records, newest first.
    pub async fn list<T: Entity>(
        &self,
        tenant: &str,
        listing: Listing<'_>,
        query: &PageQuery,
    ) -> Result<Page<T>, Error> {
        self.list_between(tenant, listing, &Stretch::default(), query).await
    }

    /// A page of the records of a stretch, newest first.
    pub async fn list_between<T: Entity>(
        &self,
        tenant: &str,
        listing: Listing<'_>,
        stretch: &Stretch,
        query: &PageQuery,
    ) -> Result<Page<T>, Error> {
        let standing = |status, owner| partition::<T>(tenant, status, owner);
        let every = |owner| match T::STATUSES {
            [] => vec![standing(None, owner)],
            statuses => statuses.iter().map(|status| standing(Some(status), owner)).collect(),
        };
        let (index, partitions) = match listing {
            Listing::All | Listing::Ordered(_) | Listing::Status(_) if !T::LISTED_WHOLE => {
                return Err(Error::internal(format!("{} is listed by owner alone", T::KIND)));
            }
            Listing::All | Listing::Ordered(_) => ("gsi1", every(None)),
            Listing::Owner(owner) => ("gsi2", every(Some(owner))),
            Listing::Status(status) => ("gsi1", vec![standing(Some(status), None)]),
            Listing::OwnerStatus(owner, status) => ("gsi2", vec![standing(Some(status), Some(owner))]),
            Listing::First(name) => ("gsi1", vec![list_key::<T>(tenant, name)]),
            Listing::Second(name) => ("gsi2", vec![list_key::<T>(tenant, name)]),
        };
        // DynamoDB refuses bounds in the wrong order; between them there is nothing.
        if let (Some(from), Some(before)) = (&stretch.from, &stretch.before)
            && from >= before
        {
            return Ok(page(Vec::new(), query, None));
        }
        let sorts =
            if let Listing::Ordered(prefix) = listing { Sorts::Prefix(prefix) } else { Sorts::Stretch(stretch) };
        self.page(Some(index), &partitions, &sorts, query).await
    }

    /// A page of the parts of a record whose sort key begins with `prefix`, newest first.
    pub async fn parts<T: Entity, P: DeserializeOwned>(
        &self,
        tenant: &str,
        id: &str,
        prefix: &str,
        query: &PageQuery,
    ) -> Result<Page<P>, Error> {
        self.page(None, &[Key::record::<T>(tenant, id).pk], &Sorts::Prefix(prefix), query).await
    }

    /// A page over partitions that are one list: each is read from the same place, and the newest of all are taken.
    async fn page<T: DeserializeOwned>(
        &self,
        index: Option<&'static str>,
        partitions: &[String],
        sorts: &Sorts<'_>,
        query: &PageQuery,
    ) -> Result<Page<T>, Error> {
        let (_, from, before, _) = sorts.read(index);
        let secret = self.secrets.service().await?;
        let list = partitions.join("\n");
        let mut asked = format!("{}|{}|{list}|{}", self.name, index.unwrap_or("table"), from.unwrap_or_default());
        if let Some(before) = before {
            asked = format!("{asked}\n{before}");
        }
        let after = match &query.cursor {
            None => None,
            Some(cursor) => Some(Place::of_cursor(signed::open(&secret, &asked, cursor)?)),
        };

        // Asked for in the order of the statuses, so that a record that moves on meanwhile is met twice, not never.
        let reads = partitions.iter().map(|partition| self.strand(index, partition, sorts, query, after.as_ref()));
        let mut found = Vec::new();
        let mut unread = None;
        for strand in try_join_all(reads).await?.into_iter().rev() {
            found.extend(strand.items);
            unread = unread.max(strand.end);
        }
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.dedup_by(|(one, _), (other, _)| one == other);
        let whole = found.iter().take_while(|(place, _)| unread.as_ref().is_none_or(|end| place >= end)).count();
        let taken = whole.min(usize::try_from(query.size()).unwrap_or(usize::MAX));
        let more = unread.is_some() || taken < found.len();
        found.truncate(taken);
        let next_cursor = found
            .last()
            .map(|(place, _)| place.clone())
            .or(unread)
            .filter(|_| more)
            .map(|place| signed::seal(&secret, &asked, &place.sort, &place.primary()));
        let records: Result<Vec<T>, Error> =
            found.into_iter().map(|(_, item)| stored(item).map(|stored| stored.value)).collect();
        Ok(page(records?, query, next_cursor))
    }

    /// What one partition adds to a page.
    async fn strand(
        &self,
        index: Option<&'static str>,
        partition: &str,
        sorts: &Sorts<'_>,
        query: &PageQuery,
        after: Option<&Place>,
    ) -> Result<Strand, Error> {
        let (sort_name, from, before, condition) = sorts.read(index);
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", index.map_or_else(|| "pk".to_owned(), |index| format!("{index}pk")))
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .scan_index_forward(false)
            .set_exclusive_start_key(after.map(|place| place.key(index, partition)))
            // One more than is wanted, so that a page that ends with the list says so.
            .limit(i32::try_from(query.size()).unwrap_or(i32::MAX).saturating_add(1));
        for (name, bound) in [(":from", from), (":before", before)] {
            if let Some(bound) = bound {
                request = request
                    .expression_attribute_names("#sort", &sort_name)
                    .expression_attribute_values(name, AttributeValue::S(bound.to_owned()));
            }
        }
        let answer = request.send().await.map_err(failed)?;
        let place = |item: &Item| Place::of(item, &sort_name);
        let end = answer.last_evaluated_key.as_ref().map(place);
        let items = answer.items.unwrap_or_default().into_iter().map(|item| (place(&item), item)).collect();
        Ok(Strand { items, end })
    }
}

/// What a page reads of one partition, newest first, and where it stopped if there is more.
struct Strand {
    items: Vec<(Place, Item)>,
    end: Option<Place>,
}

/// Where an item stands in a list: by its sort attribute, then by its primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    sort: String,
    pk: String,
    sk: String,
}

impl Place {
    fn of(item: &Item, sort_name: &str) -> Self {
        Self { sort: text(item, sort_name), pk: text(item, "pk"), sk: text(item, "sk") }
    }

    fn of_cursor((sort, primary): (String, String)) -> Self {
        let (pk, sk) = primary.split_once('\n').unwrap_or((&primary, ""));
        Self { sort, pk: pk.to_owned(), sk: sk.to_owned() }
    }

    fn primary(&self) -> String {
        format!("{}\n{}", self.pk, self.sk)
    }

    /// The key of an item that would stand there in a partition, whether there is one or not.
    fn key(&self, index: Option<&str>, partition: &str) -> Item {
        let string = |value: &str| AttributeValue::S(value.to_owned());
        let mut key = Item::from([("pk".to_owned(), string(&self.pk)), ("sk".to_owned(), string(&self.sk))]);
        if let Some(index) = index {
            key.insert(format!("{index}pk"), string(partition));
            key.insert(format!("{index}sk"), string(&self.sort));
        }
        key
    }
}

/// Where records of a kind stand in an index: all, or those of one status, of one owner, or both.
pub(crate) fn partition<T: Entity>(tenant: &str, status: Option<&str>, owner: Option<&str>) -> String {
    let status = status.map(|status| format!("@{status}")).unwrap_or_default();
    let owner = owner.map(|owner| format!("#{owner}")).unwrap_or_default();
    format!("{tenant}#{}{status}{owner}", T::KIND)
}

/// The partition of a further list in its index.
pub(crate) fn list_key<T: Entity>(tenant: &str, name: &str) -> String {
    format!("{tenant}#{}-list#{name}", T::KIND)
}

fn page<T>(data: Vec<T>, query: &PageQuery, next_cursor: Option<String>) -> Page<T> {
    let pagination =
        Pagination { page: None, page_size: query.size(), total_count: None, total_pages: None, next_cursor };
    Page { data, pagination }
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}
