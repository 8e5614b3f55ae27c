output "bucket" {
  description = "The bucket with the records."
  value       = aws_s3_bucket.audit.bucket
}
