//! What the declared envers are wired to.

use contracts::{Constellation, EnverId, Stage, Wiring, organisation, wire};

fn wiring() -> Wiring {
    wire().expect("sound declarations")
}

fn constellation(of: &str, stage: Stage) -> Constellation {
    let wiring = wiring();
    let enver = wiring.at(of, stage).expect("an enver");
    wiring.constellation(&enver.id).expect("its constellation")
}

#[test]
fn a_constellation_is_the_same_from_each_of_its_envers() {
    for stage in Stage::ALL {
        let of_booking = constellation("booking", stage);
        assert_eq!(of_booking, constellation("auth", stage));
        assert_eq!(of_booking, constellation("config", stage));
        assert!(of_booking.envers.iter().all(|enver| enver.stage == stage));
        let services: Vec<_> = of_booking.envers.iter().filter_map(|enver| enver.service).collect();
        assert!(["auth", "booking", "config"].iter().all(|service| services.contains(service)), "{services:?}");
    }
}

#[test]
fn every_edge_of_a_constellation_stays_in_it() {
    let constellation = constellation("booking", Stage::Dev);
    let is_in = |id: &EnverId| constellation.envers.iter().any(|enver| enver.id == *id);
    assert!(constellation.edges.iter().all(|edge| is_in(&edge.consumer) && is_in(&edge.producer)));
    let declared: usize = organisation().builds.iter().map(|build| build.consumers.len()).sum();
    assert_eq!(constellation.edges.len(), declared);
}

#[test]
fn the_declarations_themselves_belong_to_no_constellation_of_services() {
    assert!(constellation("contracts", Stage::Main).edges.is_empty());
}

#[test]
fn each_enver_is_in_one_constellation() {
    let wiring = wiring();
    let mut told: Vec<_> = wiring.constellations().into_iter().flat_map(|one| one.envers).map(|one| one.id).collect();
    let mut all: Vec<_> = wiring.envers().iter().map(|enver| enver.id.clone()).collect();
    told.sort();
    all.sort();
    assert_eq!(told, all);
}

#[test]
fn what_others_wait_for_starts_first() {
    let constellation = constellation("booking", Stage::Main);
    let order: Vec<_> = constellation.in_starting_order().into_iter().filter_map(|enver| enver.service).collect();
    let place = |service| order.iter().position(|other| *other == service).expect("a service");
    assert!(place("config") < place("auth") && place("auth") < place("booking"), "{order:?}");
}

#[test]
fn an_enver_is_found_by_its_service_or_its_build() {
    let wiring = wiring();
    assert_eq!(wiring.at("config", Stage::Dev), wiring.at("configuration", Stage::Dev));
    assert_eq!(wiring.at("nobody", Stage::Dev), None);
}

#[test]
fn an_edge_says_where_its_value_is() {
    let wiring = wiring();
    let booking = wiring.at("booking", Stage::Main).unwrap();
    let names: Vec<_> = wiring.upstreams(&booking.id).map(|edge| edge.share_name.as_str()).collect();
    assert_eq!(
        names,
        [
            "/odmd-share/auth/b..main/authApiBaseUrl",
            "/odmd-share/auth/b..main/authApiBaseUrl/schema-url",
            "/odmd-share/configuration/b..main/configApiBaseUrl",
            "/odmd-share/configuration/b..main/configApiBaseUrl/schema-url",
        ]
    );
}

#[test]
fn the_wiring_is_json_for_scripts() {
    let wiring = wiring();
    let edge = serde_json::to_value(&wiring.edges()[0]).unwrap();
    assert_eq!(edge["consumer"], "auth/b..mock");
    assert_eq!(edge["producer"], "configuration/b..mock");
    assert_eq!(edge["trigger"], "directly");
}
