//! What a handler knows about the call it serves.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use policy::{PLATFORM_TENANT, Principal};
use validation::types::Timestamp;

use crate::{Claim, Environment};

/// One call: who, when, under which request id, and the claim its write must carry.
#[derive(Debug)]
pub struct Call {
    /// The service that is called.
    pub service: &'static str,
    /// The operation or consumer id.
    pub operation: &'static str,
    /// The audit action of a state change.
    pub audit: Option<&'static str>,
    /// The status of success, kept with the claim.
    pub success: u16,
    /// Where it runs.
    pub environment: Environment,
    /// On every answer, in every log line.
    pub request_id: String,
    /// Who is calling.
    pub principal: Principal,
    /// Whose data is touched: the verified token's tenant, the message's tenant, or the platform's for strangers.
    pub tenant: String,
    /// When the call began. A call has one time.
    pub now: Timestamp,
    /// The address the caller came from, as the host saw it.
    pub client: String,
    /// What must be written together with the change so that it happens once.
    pub claim: Option<Claim>,
    pub(crate) claimed: AtomicBool,
}

impl Call {
    /// A call of the platform itself, made by no request: seeding, housekeeping.
    pub fn of_platform(
        service: &'static str,
        operation: &'static str,
        environment: Environment,
        now: Timestamp,
    ) -> Self {
        Self {
            service,
            operation,
            audit: None,
            success: 204,
            environment,
            request_id: crate::random_id(),
            principal: Principal::Service { name: PLATFORM_TENANT.to_owned() },
            tenant: PLATFORM_TENANT.to_owned(),
            now,
            client: String::new(),
            claim: None,
            claimed: AtomicBool::new(false),
        }
    }

    /// Records that the claim was written with the change.
    pub fn claim_written(&self) {
        self.claimed.store(true, Ordering::Relaxed);
    }
}

/// A call, and the service's own state: what every handler gets.
#[derive(Debug)]
pub struct Context<S> {
    /// The service's state: its store, its clients.
    pub state: Arc<S>,
    /// The call.
    pub call: Arc<Call>,
}

impl<S> Deref for Context<S> {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}
