//! The promises of the embedded cloud, kept through the unmodified SDK and the unmodified tools.

mod buckets;
mod crash;
mod endpoints;
mod fifo;
mod port;
mod queues;
mod recorder;
mod redrive;
mod tables;
mod tools;
