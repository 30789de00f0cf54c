//! The booking service: a shipper asks for a price and books a truck.
//!
//! Prices, windows and fees come from the configuration service; this crate holds no business value. Every change
//! reaches others as an event, and this service's own summary per shipper is kept by consuming them.

mod apply_configuration_change;
mod assign_vehicle;
mod cancel_booking;
mod cells;
mod complete_trip;
mod confirm_booking;
mod contracts;
mod create_booking;
mod create_contract;
mod credit;
mod domain;
mod end_contract;
mod find_nearest_vehicles;
mod fleet;
mod get_booking;
mod get_booking_history;
mod get_contract;
mod get_credit;
mod get_shipper_summary;
mod get_vehicle;
mod lifecycle;
mod list_bookings;
mod list_contracts;
mod list_vehicles;
mod quote_price;
mod rate_trip;
mod ratings;
mod records;
mod register_vehicle;
mod reschedule_booking;
mod set_vehicle_availability;
mod start_trip;
mod trip;
mod update_shipper_summary;
mod upstreams;

use std::sync::Arc;

use cloud::{Platform, Secrets, Table};
use config_client::{ConfigClient, HttpSource};
use operation::{Consumer, Mounted, Operation, RouteError, Service};

use crate::upstreams::auth::Auth;

/// The service's name, and that of its table.
pub const NAME: &str = "booking";

/// The state: the table, the configuration as this service sees it, the auth service, and what quotes are signed with.
pub struct Booking {
    table: Table,
    config: Arc<ConfigClient>,
    auth: Auth,
    secrets: Secrets,
}

/// The service, declared.
pub fn service() -> Service<Booking> {
    Service::new(
        NAME,
        vec![
            Operation::new(&assign_vehicle::DECLARATION, assign_vehicle::handle),
            Operation::new(&cancel_booking::DECLARATION, cancel_booking::handle),
            Operation::new(&complete_trip::DECLARATION, complete_trip::handle),
            Operation::new(&confirm_booking::DECLARATION, confirm_booking::handle),
            Operation::new(&create_booking::DECLARATION, create_booking::handle),
            Operation::new(&create_contract::DECLARATION, create_contract::handle),
            Operation::new(&end_contract::DECLARATION, end_contract::handle),
            Operation::new(&find_nearest_vehicles::DECLARATION, find_nearest_vehicles::handle),
            Operation::new(&get_booking::DECLARATION, get_booking::handle),
            Operation::new(&get_booking_history::DECLARATION, get_booking_history::handle),
            Operation::new(&get_contract::DECLARATION, get_contract::handle),
            Operation::new(&get_credit::DECLARATION, get_credit::handle),
            Operation::new(&get_shipper_summary::DECLARATION, get_shipper_summary::handle),
            Operation::new(&get_vehicle::DECLARATION, get_vehicle::handle),
            Operation::new(&list_bookings::DECLARATION, list_bookings::handle),
            Operation::new(&list_contracts::DECLARATION, list_contracts::handle),
            Operation::new(&list_vehicles::DECLARATION, list_vehicles::handle),
            Operation::new(&quote_price::DECLARATION, quote_price::handle),
            Operation::new(&rate_trip::DECLARATION, rate_trip::handle),
            Operation::new(&register_vehicle::DECLARATION, register_vehicle::handle),
            Operation::new(&reschedule_booking::DECLARATION, reschedule_booking::handle),
            Operation::new(&set_vehicle_availability::DECLARATION, set_vehicle_availability::handle),
            Operation::new(&start_trip::DECLARATION, start_trip::handle),
        ],
        vec![
            Consumer::new(&apply_configuration_change::DECLARATION, apply_configuration_change::handle),
            Consumer::new(&update_shipper_summary::DECLARATION, update_shipper_summary::handle),
        ],
    )
}

/// The service on a platform, ready to answer.
pub fn mount(platform: &Platform) -> Result<Mounted<Booking>, RouteError> {
    let table = platform.table(NAME);
    let source = Arc::new(HttpSource::new(platform, NAME));
    let config = Arc::new(ConfigClient::new(source, platform.environment, Arc::clone(&platform.clock)));
    let ports = config.ports(platform, &table);
    let auth = Auth::new(platform, NAME, config.directory(platform));
    let secrets = platform.secrets.clone();
    service().mount(Arc::new(Booking { table, config, auth, secrets }), ports)
}
