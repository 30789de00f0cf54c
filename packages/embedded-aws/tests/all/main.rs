//! The promises of the embedded cloud, kept through the unmodified SDK and the unmodified tools.

mod buckets;
mod fifo;
mod queues;
mod redrive;
mod tables;
