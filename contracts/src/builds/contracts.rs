//! These declarations themselves: what their latest version is, everybody may ask.

use crate::organisation::REGION;
use crate::{Account, Build, Enver, Kind, Producer, Stage};

pub(super) const BUILD: Build = Build {
    id: "contracts",
    kind: Kind::ContractsLibrary,
    repository: "platform",
    description: "Builds, envers and their wiring",
    producers: &[Producer { name: "contractsLibLatest", children: &[] }],
    consumers: &[],
    envers: &[Enver {
        stage: Stage::Main,
        account: Account::CENTRAL,
        region: REGION,
        revision: "b..main",
        clonable: false,
        upstreams: &[],
    }],
};
