"""A thin micro-batch layer on Faust: fetched records in, one durable table write and one acknowledgement out."""
