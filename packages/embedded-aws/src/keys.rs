//! Refuses keys that would leave their bucket: in the storage a key is a path.

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, DeleteObjectsInput, PostObjectInput, UploadPartCopyInput};
use s3s::path::S3Path;
use s3s::{S3Request, S3Result, s3_error};

/// Lets everybody do everything with every key that stays in its bucket.
pub(crate) struct KeysStay;

fn stays(key: &str) -> S3Result<()> {
    if key.starts_with('/') || key.contains('\0') || key.split('/').any(|part| matches!(part, "." | "..")) {
        return Err(s3_error!(
            InvalidArgument,
            "The embedded S3 keeps no key that begins with / or has . or .. in it."
        ));
    }
    Ok(())
}

fn source_stays(source: &CopySource) -> S3Result<()> {
    match source {
        CopySource::Bucket { key, .. } => stays(key),
        _ => Err(s3_error!(NotImplemented, "The embedded S3 has no access points.")),
    }
}

#[async_trait::async_trait]
impl S3Access for KeysStay {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        match context.s3_path() {
            S3Path::Object { key, .. } => stays(key),
            _ => Ok(()),
        }
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        source_stays(&request.input.copy_source)
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        source_stays(&request.input.copy_source)
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        request.input.delete.objects.iter().try_for_each(|object| stays(&object.key))
    }

    async fn post_object(&self, request: &mut S3Request<PostObjectInput>) -> S3Result<()> {
        stays(&request.input.key)
    }
}
