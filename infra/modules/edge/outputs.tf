output "base_url" {
  description = "What signed URLs begin with: `nada sign --base`."
  value       = "https://${cloudflare_workers_custom_domain.edge.hostname}"
}

output "worker" {
  description = "The worker, its account, and which versions should answer: what infra/drift compares with those that do."
  value = {
    account_id = var.account_id
    name       = cloudflare_worker.edge.name
    versions   = [for one in cloudflare_workers_deployment.edge.versions : { version_id = one.version_id, percentage = one.percentage }]
  }
}

output "version" {
  description = "The version that is built now."
  value       = cloudflare_worker_version.edge.id
}

output "dataset" {
  description = "The Analytics Engine data set with one point for each request."
  value       = one([for binding in cloudflare_worker_version.edge.bindings : binding.dataset if binding.name == "NADA_POINTS"])
}

output "firewall" {
  description = "The id of the zone's custom rules, which close the host names of buckets; null where they are not this module's."
  value       = one(cloudflare_ruleset.firewall[*].id)
}

output "origins" {
  description = "What the edge reads from, the primary first, as it and `nada serve --origins` take it."
  value       = local.origins
}
