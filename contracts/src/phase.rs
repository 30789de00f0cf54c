//! The phases of a service, each of which belongs to an enver.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::Stage;

/// A phase. The order is that in which they are completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// 0A: the contract stands. The only phase that completes by itself, with the service's context documents.
    ContractSurface,
    /// 0B: the mock keeps the contract.
    ContractVerification,
    /// 1A: the logic is real.
    CoreDomainLogic,
    /// 1B: everything a first product needs is there.
    CoreFeatures,
    /// 2A: it is secure, fast and watched enough for production.
    ProductionReadiness,
    /// 2B: it was tested from end to end, under load and under attack.
    ComprehensiveTesting,
}

impl Phase {
    /// In their order.
    pub const ALL: [Self; 6] = [
        Self::ContractSurface,
        Self::ContractVerification,
        Self::CoreDomainLogic,
        Self::CoreFeatures,
        Self::ProductionReadiness,
        Self::ComprehensiveTesting,
    ];

    /// Its number and letter: `0A`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContractSurface => "0A",
            Self::ContractVerification => "0B",
            Self::CoreDomainLogic => "1A",
            Self::CoreFeatures => "1B",
            Self::ProductionReadiness => "2A",
            Self::ComprehensiveTesting => "2B",
        }
    }

    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ContractSurface => "Contract Surface Layer",
            Self::ContractVerification => "BDD Contract Verification",
            Self::CoreDomainLogic => "Core Domain Logic",
            Self::CoreFeatures => "Core Feature Implementation",
            Self::ProductionReadiness => "Production Readiness",
            Self::ComprehensiveTesting => "Comprehensive Testing",
        }
    }

    /// The phase of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// The enver it is about.
    pub const fn stage(self) -> Stage {
        match self {
            Self::ContractSurface | Self::ContractVerification => Stage::Mock,
            Self::CoreDomainLogic | Self::CoreFeatures => Stage::Dev,
            Self::ProductionReadiness | Self::ComprehensiveTesting => Stage::Main,
        }
    }

    /// Whether it completes without a person's word.
    pub const fn completes_by_itself(self) -> bool {
        matches!(self, Self::ContractSurface)
    }

    /// What must be complete before anything is deployed to an enver: all phases of the envers before it. Its own
    /// phases are confirmed by what is deployed there.
    pub fn before(stage: Stage) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |phase| phase.stage() < stage)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
