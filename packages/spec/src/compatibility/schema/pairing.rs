//! Which alternatives of two schemas are one another's successors.

use super::flat::Flat;

/// Two alternatives.
pub type Pairs<'f, 'a> = Vec<(&'f Flat<'a>, &'f Flat<'a>)>;

/// An alternative in words.
pub fn named(flat: &Flat<'_>) -> String {
    let reference = flat.nodes.iter().rev().find_map(|node| node.reference());
    match reference.and_then(|reference| reference.rsplit('/').next()) {
        Some(name) => format!("the alternative `{name}`"),
        None => format!("an alternative ({})", flat.types.names()),
    }
}

type Test<'t, 'a> = dyn Fn(&Flat<'a>, &Flat<'a>) -> bool + 't;

/// Takes out those that belong together by a test.
pub fn take_pairs<'f, 'a>(
    left: &mut Vec<&'f Flat<'a>>,
    right: &mut Vec<&'f Flat<'a>>,
    mut test: impl FnMut(&Flat<'a>, &Flat<'a>) -> bool,
) -> Pairs<'f, 'a> {
    let mut pairs = Vec::new();
    left.retain(|one| match right.iter().position(|other| test(one, other)) {
        Some(at) => {
            pairs.push((*one, right.remove(at)));
            false
        }
        None => true,
    });
    pairs
}

/// Takes out successors: those that share a named schema, then a listed value, then a type.
pub fn paired<'f, 'a>(left: &mut Vec<&'f Flat<'a>>, right: &mut Vec<&'f Flat<'a>>) -> Pairs<'f, 'a> {
    let references =
        |flat: &Flat<'a>| -> Vec<&'a str> { flat.nodes.iter().filter_map(|node| node.reference()).collect() };
    let same_name = |one: &Flat<'a>, other: &Flat<'a>| {
        let (one, other) = (references(one), references(other));
        !one.is_empty() && one.last() == other.last()
    };
    let same_tag = |one: &Flat<'a>, other: &Flat<'a>| {
        let shared = one.required.intersection(&other.required);
        shared.into_iter().any(|name| {
            let values = |flat: &Flat<'a>| Flat::of(&flat.property(name)).values;
            values(one).zip(values(other)).is_some_and(|(one, other)| one == other)
        })
    };
    let same_title = |one: &Flat<'a>, other: &Flat<'a>| {
        let title = |flat: &Flat<'a>| flat.nodes.iter().rev().find_map(|node| node.value.get("title")).cloned();
        title(one).is_some() && title(one) == title(other)
    };
    let same_types =
        |one: &Flat<'a>, other: &Flat<'a>| one.types == other.types && references(one) == references(other);
    let some_type = |one: &Flat<'a>, other: &Flat<'a>| {
        one.types.has(other.types)
            && references(one).is_empty() == references(other).is_empty()
            && references(one).is_empty()
    };
    let tests: [&Test<'_, 'a>; 5] = [&same_name, &same_tag, &same_title, &same_types, &some_type];
    tests.into_iter().flat_map(|test| take_pairs(left, right, test)).collect()
}
