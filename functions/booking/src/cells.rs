//! H3 cells: where a position stands in the index, and into which cells a search has to look.

use h3o::{CellIndex, LatLng, Resolution};
use service_errors::Error;
use validation::types::GeoPoint;

/// Some 250 km² each, so that fifty kilometres around are some fifty queries and a town is one. Stored with every
/// vehicle: another resolution means writing them all anew.
const RESOLUTION: Resolution = Resolution::Five;

/// The cell a position lies in.
pub fn cell_of(position: GeoPoint) -> Result<String, Error> {
    Ok(cell(position)?.to_string())
}

/// The cells that reach within so many kilometres of a place, each with how near it comes at least, nearest first.
pub fn cells_within(place: GeoPoint, kilometres: f64) -> Result<Vec<(f64, String)>, Error> {
    // The smallest cells of the grid have edges 0.7 times the mean, and rings are at least 1.5 edges apart. Two more
    // rings, because neither the place nor a vehicle is at the centre of its cell.
    let apart = RESOLUTION.edge_length_km() * 0.7 * 1.5;
    let rings = (kilometres / apart).ceil().max(0.0) as u32 + 2;
    let disk: Vec<CellIndex> = cell(place)?.grid_disk(rings);
    let mut near: Vec<(f64, String)> = disk
        .into_iter()
        .map(|cell| (least_distance(place, cell), cell))
        .filter(|(distance, _)| *distance <= kilometres)
        .map(|(distance, cell)| (distance, cell.to_string()))
        .collect();
    near.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(near)
}

fn cell(position: GeoPoint) -> Result<CellIndex, Error> {
    LatLng::new(position.lat, position.lng).map(|point| point.to_cell(RESOLUTION)).map_err(Error::internal)
}

/// Nothing in the cell is nearer than this: its centre's distance less its outermost corner's.
fn least_distance(place: GeoPoint, cell: CellIndex) -> f64 {
    let point = |of: LatLng| GeoPoint { lat: of.lat(), lng: of.lng() };
    let centre = point(LatLng::from(cell));
    let reach = cell.boundary().iter().map(|corner| centre.kilometres_to(point(*corner))).fold(0.0, f64::max);
    (place.kilometres_to(centre) - reach).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_lies_in_the_cell_that_is_looked_into_first_or_touches_it() {
        let place = GeoPoint { lat: 17.05, lng: 79.27 };

        let cells = cells_within(place, 50.0).unwrap();

        let own = cell_of(place).unwrap();
        assert!(cells.iter().any(|(distance, cell)| *distance == 0.0 && *cell == own));
        assert!(cells.is_sorted_by(|one, other| one.0 <= other.0));
        assert!((30..100).contains(&cells.len()), "{}", cells.len());
    }

    #[test]
    fn nothing_within_the_radius_lies_outside_the_cells_anywhere_on_earth() {
        for place in [(17.05, 79.27), (0.0, 0.0), (89.9, 10.0), (-89.99, -170.0), (64.7, 10.54), (10.0, 179.99)] {
            let place = GeoPoint { lat: place.0, lng: place.1 };
            let cells = cells_within(place, 80.0).unwrap();
            for step in 0..720 {
                let (bearing, distance) = (f64::from(step) / 2.0, f64::from(step % 80) + 0.9);
                let other = away(place, bearing, distance);
                let (least, _) = cells
                    .iter()
                    .find(|(_, cell)| *cell == cell_of(other).unwrap())
                    .unwrap_or_else(|| panic!("{other:?} is {distance} km from {place:?} and in no cell"));
                assert!(*least <= place.kilometres_to(other) + 1e-6, "{other:?}");
            }
        }
    }

    /// The place so many kilometres away under this bearing.
    fn away(from: GeoPoint, bearing: f64, kilometres: f64) -> GeoPoint {
        let (lat, bearing, angle) = (from.lat.to_radians(), bearing.to_radians(), kilometres / 6_371.0);
        let to = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()).asin();
        let turn = (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * to.sin());
        GeoPoint { lat: to.to_degrees(), lng: (from.lng + turn.to_degrees() + 540.0).rem_euclid(360.0) - 180.0 }
    }
}
