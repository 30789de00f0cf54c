//! Which C library a program needs: one that is newer than that of Lambda's runtime would not start there.

use std::fmt;

use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::FileHeader as _;

/// Why a program would not start.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It asks for more than is there.
    #[error(
        "needs glibc {0}, and Lambda's runtime has {of_runtime}: build it where glibc is older, for one in a container of \
         Amazon Linux 2023",
        of_runtime = Version::OF_RUNTIME
    )]
    TooNew(Version),
    /// It is no ELF file of 64 bits.
    #[error("is no program for Linux ({0}): build it there, or for it")]
    Unreadable(#[from] object::Error),
}

/// Whether Lambda's runtime can start a program.
pub fn check(program: &[u8]) -> Result<(), Unfit> {
    match needed(program)? {
        Some(version) if version > Version::OF_RUNTIME => Err(Unfit::TooNew(version)),
        _ => Ok(()),
    }
}

/// A version of the GNU C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32);

impl Version {
    /// That of `provided.al2023`, which is Amazon Linux 2023's.
    const OF_RUNTIME: Self = Self(2, 34);

    /// `GLIBC_2.34`, as it stands in programs; `GLIBC_PRIVATE` is none.
    fn parse(name: &[u8]) -> Option<Self> {
        let mut numbers = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?.split('.');
        Some(Self(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The newest version that a program asks its dynamic linker for; `None` of one that is linked statically.
fn needed(program: &[u8]) -> object::Result<Option<Version>> {
    let header = FileHeader64::<Endianness>::parse(program)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, program)?;
    let Some((mut libraries, link)) = sections.gnu_verneed(endian, program)? else { return Ok(None) };
    let strings = sections.strings(endian, program, link)?;
    let mut newest = None;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            newest = newest.max(Version::parse(version.name(endian, strings)?));
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let [old, of_runtime, new] = [&b"GLIBC_2.2.5"[..], b"GLIBC_2.34", b"GLIBC_2.100"].map(Version::parse);
        assert!(old < of_runtime && of_runtime < new && of_runtime == Some(Version::OF_RUNTIME));
        assert_eq!(Version::parse(b"GLIBC_PRIVATE"), None);
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn a_program_says_what_it_needs() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        // std asks for 2.28 at least wherever it is linked.
        assert!(needed(&this).unwrap() >= Version::parse(b"GLIBC_2.28"));
        assert!(needed(&this[..100]).is_err());
        assert!(check(b"no program").unwrap_err().to_string().contains("no program for Linux"));
        assert!(Unfit::TooNew(Version(2, 38)).to_string().contains("needs glibc 2.38, and Lambda's runtime has 2.34"));
    }
}
