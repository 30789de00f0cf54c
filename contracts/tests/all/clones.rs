//! Clones: an enver for a branch, beside the one it was cloned from.

use contracts::{Lifetime, Revision, Stage, Wiring, wire};

fn wiring() -> Wiring {
    wire().expect("sound declarations")
}

fn revision(text: &str) -> Revision {
    text.parse().expect("a revision")
}

#[test]
fn a_clone_reads_what_its_origin_reads_and_nobody_reads_it() {
    let (wiring, clone) = wiring().with_clone("booking", &revision("b..dev"), revision("b..cheaper")).unwrap();

    let origin = wiring.at("booking", Stage::Dev).unwrap();
    let enver = wiring.find(&clone).unwrap();
    assert_eq!(
        (clone.to_string(), enver.stack.as_str()),
        ("booking/b..dev-_b..cheaper".to_owned(), "booking--cheaper")
    );
    assert_eq!((enver.lifetime, enver.account, enver.stage), (Lifetime::Ephemeral, origin.account, Stage::Dev));
    let of_clone: Vec<_> = wiring.upstreams(&clone).map(|edge| &edge.share_name).collect();
    assert_eq!(of_clone, wiring.upstreams(&origin.id).map(|edge| &edge.share_name).collect::<Vec<_>>());
    assert_eq!(wiring.consumers(&clone).count(), 0);
}

#[test]
fn in_its_constellation_a_clone_stands_for_its_origin() {
    let (wiring, clone) = wiring().with_clone("booking", &revision("b..dev"), revision("b..cheaper")).unwrap();

    let of_clone = wiring.constellation(&clone).unwrap();
    let names: Vec<_> = of_clone.envers.iter().map(|enver| enver.id.to_string()).collect();
    let of_booking: Vec<_> = names.iter().filter(|name| name.starts_with("booking/")).collect();
    assert_eq!(of_booking, ["booking/b..dev-_b..cheaper"]);
    assert!(["auth/b..dev", "configuration/b..dev"].iter().all(|name| names.iter().any(|other| other == name)));

    let of_origin = wiring.constellation(&wiring.at("booking", Stage::Dev).unwrap().id).unwrap();
    assert!(!of_origin.envers.iter().any(|enver| enver.id == clone));
}

#[test]
fn only_what_is_there_and_clonable_is_cloned() {
    let refused = |build, origin, own| {
        let refused = wiring().with_clone(build, &revision(origin), revision(own));
        refused.map(|_| ()).expect_err("refused").to_string()
    };
    assert_eq!(
        refused("booking", "b..next", "b..x"),
        "there is no enver booking/b..next to clone: its build has b..mock, b..dev, b..main"
    );
    assert_eq!(
        refused("booking", "b..main", "b..x"),
        "booking/b..main makes no clones, so b..x cannot be one: clone an enver that is declared clonable"
    );
    assert_eq!(
        refused("booking", "b..dev", "b..dev"),
        "in the build booking: b..dev would be a clone of itself: name another branch or tag"
    );
}
