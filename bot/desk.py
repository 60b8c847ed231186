"""Who to turn to and when, as the policy folder says."""
