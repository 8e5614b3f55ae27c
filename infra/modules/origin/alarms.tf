# Whether the replicas keep up. S3 counts what failed in the source's region, and how far a replica is behind in the
# replica's; each alarm is where its metric is, and so is its topic. A catalogue at rest has no metrics: that is no alarm.

locals {
  replication_alarms = merge([
    for replica in local.replicas : {
      "failed-${replica}" = {
        region      = local.primary
        metric      = "OperationsFailedReplication"
        statistic   = "Sum"
        threshold   = 0
        periods     = 1
        description = "Objects did not reach the replica in ${replica}, and S3 does not try again: listeners there are served from the primary. The objects' ReplicationStatus names them; a job of S3 Batch Operations sends them."
        replica     = replica
      }
      "late-${replica}" = {
        region      = replica
        metric      = "ReplicationLatency"
        statistic   = "Maximum"
        threshold   = 900
        periods     = 3
        description = "The replica in ${replica} is more than 15 minutes behind: what a fail-over would lose."
        replica     = replica
      }
      "pending-${replica}" = {
        region      = replica
        metric      = "OperationsPendingReplication"
        statistic   = "Minimum"
        threshold   = 0
        periods     = 12
        description = "Objects have waited for the replica in ${replica} for an hour without a moment at rest: replication hangs, or releases come faster than it goes."
        replica     = replica
      }
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "replication" {
  for_each = local.replication_alarms

  region              = each.value.region
  alarm_name          = "${var.name}-replication-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/S3"
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arns[each.value.region]]
  ok_actions          = [var.alarm_topic_arns[each.value.region]]
  tags                = var.tags

  dimensions = {
    SourceBucket      = local.buckets[local.primary].name
    DestinationBucket = local.buckets[each.value.replica].name
    RuleId            = each.value.replica
  }
}
