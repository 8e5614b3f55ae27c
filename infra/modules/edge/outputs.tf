output "base_url" {
  description = "What signed URLs begin with: `nada sign --base`."
  value       = "https://${cloudflare_workers_custom_domain.edge.hostname}"
}

output "worker" {
  description = "The worker's name."
  value       = cloudflare_worker.edge.name
}

output "dataset" {
  description = "The Analytics Engine data set with one point for each request."
  value       = one([for binding in cloudflare_worker_version.edge.bindings : binding.dataset if binding.name == "NADA_POINTS"])
}

output "origins" {
  description = "What the edge reads from, the primary first, as `nada serve --origins` takes it."
  value       = local.origins
}
