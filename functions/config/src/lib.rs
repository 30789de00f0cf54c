//! The config service.
