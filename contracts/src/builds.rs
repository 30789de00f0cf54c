//! Every build there is, alphabetically. A new one is a file here and its line below.

mod auth;
mod booking;
mod config;
mod contracts;

use crate::Build;

pub(crate) const BUILDS: &[Build] = &[auth::BUILD, booking::BUILD, config::BUILD, contracts::BUILD];
